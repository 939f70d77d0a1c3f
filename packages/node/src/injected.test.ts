// Requests that were never on a connection: those of light-my-request, which Fastify's `inject` is.
// Source: light-my-request 6, lib/request.js and lib/response.js, of which these are the parts that count.

import { EventEmitter, once } from "node:events";
import { ServerResponse, type IncomingMessage } from "node:http";
import { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { toNode } from "./to-node.ts";

interface Injected {
  readonly rawHeaders?: string[];
  readonly body?: string[];
}

interface Outcome {
  readonly res: ServerResponse;
  readonly text: string;
  readonly trailers: unknown;
}

async function inject(
  app: AsgiApp,
  { rawHeaders = ["host", "h"], body = [] }: Injected = {},
): Promise<Outcome> {
  const req = Object.assign(Readable.from(body.map((piece) => Buffer.from(piece))), {
    method: "POST",
    url: "/",
    httpVersion: "1.1",
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    headers: {},
    rawHeaders,
    socket: Object.assign(new EventEmitter(), { remoteAddress: "192.0.2.9" }),
  }) as unknown as IncomingMessage;
  const res = new ServerResponse(req);
  const written: string[] = [];
  let trailers: unknown = null;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  res.assignSocket(sink as never);
  res.addTrailers = (fields) => {
    trailers = fields;
  };
  toNode(app, { log: () => {} })(req, res);
  await Promise.race([once(res, "finish"), once(res, "close")]);
  return { res, text: written.join("").replace(/^[^]*?\r\n\r\n/, ""), trailers };
}

test("the client's address is known without a port [A23]", async () => {
  const { text } = await inject(async (scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [["content-length", "15"]] });
    await send({ type: "http.response.body", body: JSON.stringify("client" in scope && scope.client) });
  });
  expect(text).toBe('["192.0.2.9",0]');
});

test("a body that no header field announces arrives [X21]", async () => {
  const seen: string[] = [];
  await inject(
    async (_scope, receive, send) => {
      for (let more = true; more;) {
        const event = await receive();
        if (event.type !== "http.request") break;
        seen.push(Buffer.from(event.body).toString());
        more = event.more_body;
      }
      await send({ type: "http.response.start", status: 204, headers: [] });
      await send({ type: "http.response.body" });
    },
    { body: ["one ", "two"] },
  );
  expect(seen.join("")).toBe("one two");
});

test("what may not be served is refused by its response", async () => {
  const { res, text } = await inject(() => Promise.reject(new Error("called")), { rawHeaders: [] });
  expect([res.statusCode, text]).toEqual([400, "Bad Request"]);
});

test("a response that cannot be completed is destroyed [A45]", async () => {
  const { res } = await inject(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [] });
    await send({ type: "http.response.body", body: "part", more_body: true });
    throw new Error("late");
  });
  expect([res.destroyed, res.writableEnded]).toEqual([true, false]);
});

test("trailers are told by name [A52]", async () => {
  const { trailers } = await inject(
    async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [], trailers: true });
      await send({ type: "http.response.body", body: "x" });
      const headers: [string, string][] = [
        ["x-one", "1"],
        ["x-two", "2"],
        ["x-two", "3"],
      ];
      await send({ type: "http.response.trailers", headers });
    },
    { rawHeaders: ["host", "h", "te", "trailers"] },
  );
  expect({ ...(trailers as object) }).toEqual({ "x-one": "1", "x-two": ["2", "3"] });
});
