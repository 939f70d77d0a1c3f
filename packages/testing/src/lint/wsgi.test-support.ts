// A good server of sync apps for the tests of lintWsgi, of which each test breaks one thing.

import {
  bytesOf,
  utf8Decode,
  type Environ,
  type InputStream,
  type StartResponse,
  type WsgiApp,
} from "@tsgi/core";
import { lintWsgi, type LintWsgiOptions } from "../lint-wsgi.ts";
import type { LintError } from "./lint-error.ts";

/** A request body of two lines, `ab\n` and `cd`. */
export const TEXT = "ab\ncd";

/** A body that can be read, as PEP 3333 has it. */
export function goodInput(text: string = TEXT): InputStream {
  const body = bytesOf(text);
  let at = 0;
  const take = (end: number): Uint8Array => {
    const piece = body.subarray(at, Math.min(end, body.length));
    at += piece.length;
    return piece;
  };
  const input: InputStream = {
    read: (size = -1) => take(size < 0 ? Infinity : at + size),
    readline(size = Infinity) {
      const end = body.indexOf(10, at);
      return take(Math.min(at + size, end === -1 ? Infinity : end + 1));
    },
    readlines() {
      return [...input];
    },
    *[Symbol.iterator]() {
      for (let line = input.readline(); line.length > 0; line = input.readline()) yield line;
    },
  };
  return input;
}

/** The environ of `POST /m/a%20b?q=1` below `/m`, with the keys of `changes`; a key that is `undefined` is left out. */
export function goodEnviron(changes: Readonly<Record<string, unknown>> = {}): Environ {
  const environ: Record<string, unknown> = {
    REQUEST_METHOD: "POST",
    SCRIPT_NAME: "/m",
    PATH_INFO: "/a b",
    QUERY_STRING: "q=1",
    SERVER_NAME: "localhost",
    SERVER_PORT: "80",
    SERVER_PROTOCOL: "HTTP/1.1",
    REQUEST_URI: "/m/a%20b?q=1",
    CONTENT_LENGTH: "5",
    HTTP_X_FOO: "1",
    "wsgi.version": [1, 0],
    "wsgi.url_scheme": "http",
    "wsgi.input": goodInput(),
    "wsgi.errors": { write() {}, writelines() {}, flush() {} },
    "wsgi.multithread": false,
    "wsgi.multiprocess": false,
    "wsgi.run_once": false,
    "wsgi.input_terminated": true,
    ...changes,
  };
  for (const key of Object.keys(environ)) {
    if (environ[key] === undefined) delete environ[key];
  }
  return environ as Environ;
}

/** What a server does in a test. */
export interface TestedWsgiCall {
  readonly environ?: Environ;
  readonly startResponse?: StartResponse;
  readonly options?: LintWsgiOptions;
}

/** What a call came to: the findings that were reported, what was thrown, and what was sent. */
export interface WsgiOutcome {
  readonly findings: readonly LintError[];
  readonly error: unknown;
  readonly body: string;
}

/** Calls an app under the lint once, with a report, and takes its result as a server should. */
export function callWsgi(
  app: WsgiApp,
  { environ, startResponse, options }: TestedWsgiCall = {},
): WsgiOutcome {
  const findings: LintError[] = [];
  const linted = lintWsgi(app, { report: (finding) => findings.push(finding), ...options });
  const { error, body } = callBareWsgi(linted, environ ?? goodEnviron(), startResponse);
  linted.checkClosed();
  return { findings, error, body };
}

/** Calls an app as a good server would. */
export function callBareWsgi(
  app: WsgiApp,
  environ: Environ,
  startResponse?: StartResponse,
): Pick<WsgiOutcome, "error" | "body"> {
  let body = "";
  const take = (chunk: Uint8Array | string): void => {
    body += utf8Decode(bytesOf(chunk));
  };
  let isSent = false;
  let left = Infinity;
  const start: StartResponse = (_status, headers, excInfo) => {
    if (isSent && excInfo !== undefined) throw excInfo;
    for (const [name, value] of headers) if (name === "Content-Length") left = Number(value);
    return (bytes) => {
      isSent = true;
      take(bytes);
    };
  };
  try {
    const result = app(environ, startResponse ?? start) as Iterable<Uint8Array | string> & {
      close?: () => void;
    };
    try {
      for (const chunk of result) {
        isSent ||= chunk.length > 0;
        take(chunk);
        left -= chunk.length;
        if (left <= 0) break;
      }
    } finally {
      result.close?.();
    }
    return { error: null, body };
  } catch (error) {
    return { error, body };
  }
}

/** The rule and side of each finding. */
export function rulesOf({ findings }: Pick<WsgiOutcome, "findings">): string[] {
  return findings.map(({ rule, side }) => `${rule} ${side}`);
}
