// A piece that is larger than what a session may hold: the memory of a session is shared by its streams.

import { once } from "node:events";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { answerTo, client, get, httpApp, respond } from "./fixtures/http2-client.ts";
import { start } from "./fixtures/running.ts";
import { SlicedStream } from "./sliced-stream.ts";

const LARGE = Buffer.alloc(12 * 1024 * 1024, "a");

test("a stream that is not read while it has a large piece keeps no other stream from its session [A50]", async () => {
  const app = httpApp(async (scope, _receive, send) => {
    if (scope.path === "/small") await respond(send, "small");
    else {
      await send({ type: "http.response.start", status: 200, headers: [] });
      await send({ type: "http.response.body", body: LARGE });
    }
  });
  const { port } = await start(app, { http2: "h2c" });
  const session = client(port);
  const large = session.request({ ":path": "/large" });
  large.pause();
  await once(large, "response");
  const small = await get(session, { ":path": "/small" });
  expect([small.status, small.body, small.code]).toEqual([200, "small", 0]);
  const whole = answerTo(large);
  large.resume();
  const { body, code } = await whole;
  expect([body.length, code]).toEqual([LARGE.length, 0]);
});

const PIECES: [what: string, pieces: (string | Buffer)[]][] = [
  ["a slice and an octet", [Buffer.alloc(65_537, "b")]],
  ["a slice", [Buffer.alloc(65_536, "b"), "c"]],
  ["text, and pieces behind it that are not waited for", ["\u00e4".repeat(80_000), "d", Buffer.from("e")]],
];

test.each(PIECES)("%s: is written whole and in order, and the stream ends [A42 A50]", async (_, pieces) => {
  const written: Buffer[] = [];
  let most = 0;
  const stream = new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      most = Math.max(most, chunk.length);
      setImmediate(done);
    },
  });
  const sliced = new SlicedStream(stream, () => {});
  for (const piece of pieces.slice(0, -1)) sliced.write(piece);
  sliced.end(pieces.at(-1) as string);
  await once(stream, "finish");
  const expected = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  expect(Buffer.concat(written).equals(expected)).toBe(true);
  expect(most).toBeLessThanOrEqual(65_536);
});

test("there is room again once all slices are written [A50]", async () => {
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 16 * 1024,
    write: (_chunk, _encoding, done) => void waiting.push(done),
  });
  let calls = 0;
  const sliced = new SlicedStream(stream, () => {
    calls += 1;
  });
  expect(sliced.write(Buffer.alloc(130_000))).toBe(false);
  const seen: number[] = [];
  for (let done = waiting.shift(); done !== undefined; done = waiting.shift()) {
    const drained = once(stream, "drain");
    done();
    await drained;
    seen.push(calls);
  }
  expect(seen).toEqual([0, 1]);
});
