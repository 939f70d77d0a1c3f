// Adapters behind a framework that has set fields already: a sound one, and ones that lose or double them.
// Source: lib/_http_server.js, writeHead: of a flat list given after setHeader, only the last value of a name is kept.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResponseHead } from "@tsgi/core";
import type { Break } from "./break.test-support.ts";
import { SoundTransport } from "./host.test-support.ts";

/** What is set in front of the app, if the request asks for it. */
export const FRONT = [
  ["x-front", "1"],
  ["set-cookie", "front=1"],
] as const;

/** Sets it, as a framework's middleware does. */
export function setFront(req: IncomingMessage, res: ServerResponse): void {
  if (req.headers["x-tsgi-front"] === undefined) return;
  for (const [name, value] of FRONT) res.appendHeader(name, value);
}

/** What stands in front of the app, for each broken way to write a head behind it. */
export const frontBreaks: readonly Break[] = [
  {
    does: "gives Node a flat list of fields after others were set",
    first: setFront,
    caughtBy: "in front: fields set before the app is called and its own are all there, once",
    because: /set-cookie, in any order/,
  },
  {
    does: "drops what was set in front",
    first: setFront,
    Transport: class extends SoundTransport {
      override writeHead(head: ResponseHead): void {
        for (const name of this.res.getHeaderNames()) this.res.removeHeader(name);
        super.writeHead(head);
      }
    },
    caughtBy: "in front: they are all there, once, on a 404 in pieces too",
    because: /x-front, in any order is \[\]/,
  },
  {
    does: "sends what was set in front twice",
    first: setFront,
    Transport: class extends SoundTransport {
      override writeHead(head: ResponseHead): void {
        addFields(this.res, head);
        const front = this.res.getHeader("x-front") === undefined ? [] : ["x-front", "1"];
        addFields(this.res, { ...head, headers: front });
        super.writeHead({ ...head, headers: [] });
      }
    },
    caughtBy: "in front: fields set before the app is called and its own are all there, once",
    because: /x-front, in any order is \["1","1"/,
  },
  {
    does: "keeps what was set in front for the next request",
    first(req, res) {
      if (req.headers["x-tsgi-front"] !== undefined) Object.assign(req.socket, { asked: true });
      if ("asked" in req.socket) setFront({ headers: { "x-tsgi-front": "1" } } as never, res);
    },
    Transport: class extends SoundTransport {
      override writeHead(head: ResponseHead): void {
        addFields(this.res, head);
        super.writeHead({ ...head, headers: [] });
      }
    },
    caughtBy: "in front: what was set for one request is not on the next one of its connection",
    because: /the cookies|of the next response/,
  },
];

/** The sound way: each field is added to those that are there. */
export class BehindOthers extends SoundTransport {
  override writeHead(head: ResponseHead): void {
    addFields(this.res, head);
    super.writeHead({ ...head, headers: [] });
  }
}

function addFields(res: ServerResponse, { headers }: ResponseHead): void {
  for (let i = 0; i < headers.length; i += 2)
    res.appendHeader(headers[i] as string, headers[i + 1] as string);
}
