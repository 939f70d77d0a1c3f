// Adapters that break a rule of the sync interface: environ, wsgi.input, startResponse, the result.

import type { Environ } from "@tsgi/core";
import { syncWith } from "./bridge.test-support.ts";
import type { Break } from "./break.test-support.ts";

/** Adapters that break a rule about environ or wsgi.input. */
export const environBreaks: readonly Break[] = [
  {
    does: "lets the Proxy header become HTTP_PROXY",
    bridge: syncWith((environ) => ({ ...environ, HTTP_PROXY: "http://evil.example" })),
    caughtBy: "sync request headers: Proxy never becomes HTTP_PROXY, in no case and however often",
    because: /HTTP_PROXY/,
  },
  {
    does: "sets CONTENT_LENGTH to nothing where there is none",
    bridge: syncWith((environ) => ({ CONTENT_LENGTH: "", ...environ })),
    caughtBy:
      "sync request headers: content type and length have their own keys, and are absent without the headers",
    because: /""/,
  },
  {
    does: "adds the environment of the process",
    bridge: syncWith((environ) => ({ ...process.env, ...environ })),
    caughtBy:
      "sync environ: keys of the server have a dot, and nothing of the process's environment is there",
    because: /whether \w+ is there|a key/,
  },
  {
    does: "leaves QUERY_STRING out where there is none",
    bridge: syncWith((environ) => {
      if (environ.QUERY_STRING === "") Reflect.deleteProperty(environ, "QUERY_STRING");
      return environ;
    }),
    caughtBy: "sync environ: it is a plain object of own data properties with every key that must be there",
    because: /QUERY_STRING is there/,
  },
  {
    does: "gives paths as text instead of octets",
    bridge: syncWith((environ) => ({
      ...environ,
      PATH_INFO: Buffer.from(environ.PATH_INFO, "latin1").toString(),
    })),
    caughtBy: "sync paths: percent-encoded UTF-8 is decoded",
    because: /\u3042/,
  },
  {
    does: "shares one wsgi.version between requests",
    bridge: (() => {
      const version: [number, number] = [1, 0];
      return syncWith((environ) => ({ ...environ, "wsgi.version": version }));
    })(),
    caughtBy: "sync environ: what one request does to its environ, the next one does not see",
    because: /\[7,0\]/,
  },
  {
    does: "gives null at the end of wsgi.input",
    bridge: syncWith((environ) =>
      withInput(environ, (read) => (size) => {
        const bytes = read(size);
        return bytes.byteLength === 0 ? (null as unknown as Uint8Array) : bytes;
      }),
    ),
    caughtBy: "sync input: read() gives the rest, then nothing again and again",
    because: /bytes/,
  },
  {
    does: "ignores the size asked of wsgi.input",
    bridge: syncWith((environ) => withInput(environ, (read) => () => read())),
    caughtBy: "sync input: read(n) gives at most n octets",
    because: /"abcdef"/,
  },
];

function withInput(
  environ: Environ,
  change: (read: (size?: number) => Uint8Array) => (size?: number) => Uint8Array,
): Environ {
  const input = environ["wsgi.input"];
  input.read = change(input.read.bind(input));
  return environ;
}

/** Adapters that break a rule about the result of a sync app. */
export const resultBreaks: readonly Break[] = [
  {
    does: "collects a generator before it sends anything",
    bridge: syncWith(undefined, undefined, (result) => [...result]),
    caughtBy: "sync streaming: the client has pieces of a generator that has not ended",
    because: /ten million pieces|did not end within/,
  },
  {
    does: "never closes a result",
    bridge: syncWith(undefined, undefined, (result) => ({
      [Symbol.iterator]: () => result[Symbol.iterator](),
    })),
    caughtBy: "sync result: close() is called once at the normal end",
    because: /did not end within/,
  },
  {
    does: "closes a result twice",
    bridge: syncWith(undefined, undefined, (result) => {
      const inner = result as Iterable<string> & { close?: () => void };
      const close = inner.close?.bind(inner);
      if (close !== undefined) {
        inner.close = () => {
          close();
          close();
        };
      }
      return result;
    }),
    caughtBy: "sync result: close() is called once at the normal end",
    because: /"close","close"/,
  },
  {
    does: "forgets write()",
    bridge: syncWith(undefined, (startResponse) => (status, headers, excInfo) => {
      startResponse(status, headers, excInfo);
      return () => {};
    }),
    caughtBy: "sync startResponse: write sends its octets before those of the result",
    because: /"three four"/,
  },
  {
    does: "accepts a second startResponse",
    bridge: syncWith(undefined, (startResponse) => {
      let calls = 0;
      return (status, headers, excInfo) =>
        startResponse(status, headers, excInfo ?? (calls++ > 0 ? new Error("again") : undefined));
    }),
    caughtBy: "sync startResponse: a second call without an error is refused, and the first stands",
    because: /no error came/,
  },
  {
    does: "sends a null result as an empty body",
    bridge: syncWith(undefined, undefined, (result) => result ?? []),
    caughtBy: "sync result: null for a body is a clean 500",
    because: /the status is 200/,
  },
];
