// Adapters that break a rule about the head of a response.

import type { ResponseHead } from "@tsgi/core";
import { sendOf, type Break } from "./break.test-support.ts";
import { SoundTransport } from "./host.test-support.ts";

/** A transport that changes the fields of a head. */
function headOf(change: (fields: string[], head: ResponseHead) => string[]): typeof SoundTransport {
  return class extends SoundTransport {
    override writeHead(head: ResponseHead): void {
      super.writeHead({ ...head, headers: change([...head.headers], head) });
    }
  };
}

/** Adapters that break a rule about the head. */
export const headBreaks: readonly Break[] = [
  {
    does: "takes a 404 for no answer, and gives an empty 200",
    ...sendOf(async (event, send) => {
      if (event.type === "http.response.start" && event.status === 404) await send({ ...event, status: 200 });
      else await send(event.type === "http.response.body" ? { ...event, body: "" } : event);
    }),
    caughtBy: "response heads: a 404 of the app is its answer, with a body and without",
    because: /is \[200,""/,
  },
  {
    does: "joins Set-Cookie fields",
    Transport: headOf((fields) => joined(fields, "set-cookie")),
    caughtBy: "response heads: every Set-Cookie is a field of its own",
    because: /GMT, b=2/,
  },
  {
    does: "keeps one value of a repeated field",
    Transport: headOf((fields) => {
      const pairs = new Map<string, string>();
      for (let i = 0; i < fields.length; i += 2)
        pairs.set((fields[i] as string).toLowerCase(), fields[i + 1] as string);
      return [...pairs].flat();
    }),
    caughtBy: "response heads: repeated fields stay apart and in order",
    because: /\[\["2"\]/,
  },
  {
    does: "lower-cases field names on HTTP/1.1",
    Transport: headOf((fields) => fields.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))),
    caughtBy: "response heads: the app's case of a name is kept on HTTP/1.1",
    because: /X-MiXed-Case is there/,
  },
  {
    does: "sorts the fields",
    Transport: headOf((fields) => {
      const pairs = fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] as string]] : []));
      return pairs.toSorted(([a = ""], [b = ""]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)).flat();
    }),
    caughtBy: "response heads: fields keep their order on HTTP/1.1, repeated ones too",
    because: /x-one/,
  },
  {
    does: "adds a Content-Length to a 304",
    Transport: headOf((fields, { status }) => (status === 304 ? [...fields, "content-length", "0"] : fields)),
    caughtBy: "response bodies: a 304 has no octet of a body, no framing and no type of its own",
    because: /type and framing/,
  },
  {
    does: "adds a Content-Type of its own",
    Transport: headOf((fields) => [...fields, "content-type", "text/html"]),
    caughtBy: "response bodies: a 204 has no octet of a body, no framing and no type of its own",
    because: /text\/html/,
  },
  {
    does: "leaves the Content-Length of a whole body out",
    Transport: headOf((fields) => {
      const at = fields.indexOf("content-length");
      return at === -1 ? fields : fields.toSpliced(at, 2);
    }),
    caughtBy: "response bodies: a body that is one piece gets its Content-Length, in octets",
    because: /\[\[\]/,
  },
  {
    does: "counts characters for octets",
    Transport: headOf((fields) => fields.map((text) => (text === "5" ? "4" : text))),
    caughtBy: "response bodies: a body that is one piece gets its Content-Length, in octets",
    because: /\["4"\]|surplus|Octets that belong/i,
  },
  {
    does: "forgets the app's reason",
    Transport: class extends SoundTransport {
      override writeHead(head: ResponseHead): void {
        super.writeHead({ ...head, reason: null });
      }
    },
    caughtBy: "sync response heads: the app's reason is written on HTTP/1.1",
    because: /"Not Found"/,
  },
  {
    does: "ignores that the app asks for the connection to be closed",
    Transport: class extends SoundTransport {
      override writeHead(head: ResponseHead): void {
        super.writeHead({ ...head, close: false });
      }
    },
    caughtBy: "response heads: connection: close of the app closes the connection after the response",
    because: /keep-alive/,
  },
  {
    does: "lets the head leave at the start",
    ...sendOf(async (event, send) => {
      await send(event);
      if (event.type === "http.response.start")
        await send({ type: "http.response.body", body: "", more_body: true });
    }),
    caughtBy: "errors: a throw between the start and the first piece is a clean 500 that tells nothing",
    because: /cut|connection ended/i,
  },
];

function joined(fields: readonly string[], name: string): string[] {
  const rest: string[] = [];
  const values: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]?.toLowerCase() === name) values.push(fields[i + 1] as string);
    else rest.push(fields[i] as string, fields[i + 1] as string);
  }
  return values.length === 0 ? rest : [...rest, name, values.join(", ")];
}
