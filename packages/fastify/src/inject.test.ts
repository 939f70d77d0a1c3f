// fastify.inject: requests without a connection.

import Fastify, { type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import { withLifespan } from "@tsgi/core";
import { answering, bodyOf, echo, httpApp, place } from "./fixtures/apps.ts";
import { fromFastify } from "./from-fastify.ts";
import { toFastify } from "./to-fastify.ts";

function mounted(
  app: Parameters<typeof toFastify>[0],
  options: Parameters<typeof toFastify>[1] = {},
): FastifyInstance {
  const fastify = Fastify();
  fastify.register(toFastify(app, options), { prefix: "/mnt" });
  return fastify;
}

test("has the mount point, the body and the answer of a real request", async () => {
  const where = await mounted(place).inject("/mnt/a%2Fb?c");
  expect(where.json()).toEqual(["/mnt", "/mnt/a/b", "/mnt/a%2Fb", "c"]);
  const answer = await mounted(echo).inject({ method: "POST", url: "/mnt", payload: { a: 1 } });
  expect([answer.statusCode, answer.payload]).toEqual([200, 'POST {"a":1}']);
});

test("runs the lifespan first", async () => {
  const events: string[] = [];
  const app = withLifespan(answering("ok"), async function* () {
    events.push("startup");
    yield;
    events.push("shutdown");
  });
  const fastify = mounted(app);
  await fastify.inject("/mnt");
  await fastify.close();
  expect(events).toEqual(["startup", "shutdown"]);
});

test("has every cookie, and the fields of hooks [A42 X17]", async () => {
  const fastify = Fastify();
  fastify.addHook("onRequest", async (_request, reply) => void reply.header("set-cookie", "hook=1"));
  fastify.register(
    toFastify(
      answering("ok", [
        ["set-cookie", "app=1"],
        ["set-cookie", "app=2"],
      ]),
    ),
  );
  fastify.register(
    toFastify(
      answering("ok", [
        ["set-cookie", "app=1"],
        ["set-cookie", "app=2"],
      ]),
    ),
    { prefix: "/b" },
  );
  expect((await fastify.inject("/")).headers["set-cookie"]).toEqual(["hook=1", "app=1", "app=2"]);
  const bare = mounted(
    answering("ok", [
      ["set-cookie", "app=1"],
      ["set-cookie", "app=2"],
    ]),
  );
  expect((await bare.inject("/mnt")).headers["set-cookie"]).toEqual(["app=1", "app=2"]);
});

test("is answered 500 for an app that fails, and rejects for one that is cut [A45]", async () => {
  const silent = { log: () => {} };
  const failed = await mounted(
    httpApp(() => {
      throw new Error("no");
    }),
    silent,
  ).inject("/mnt");
  expect([failed.statusCode, failed.payload]).toEqual([500, "Internal Server Error"]);
  const cut = httpApp(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [] });
    await send({ type: "http.response.body", body: "some", more_body: true });
    throw new Error("no");
  });
  await expect(mounted(cut, silent).inject("/mnt")).rejects.toMatchObject({ code: "LIGHT_ECONNRESET" });
});

test("is refused as a real request is [S8]", async () => {
  const fastify = mounted(
    httpApp(async (_scope, receive) => void (await bodyOf(receive))),
    { maxBodySize: 4 },
  );
  const tooLong = await fastify.inject({ method: "POST", url: "/mnt", payload: "12345" });
  expect([tooLong.statusCode, tooLong.payload]).toEqual([413, "Payload Too Large"]);
  const uri = await fastify.inject(`/mnt/${"a".repeat(9_000)}`);
  expect(uri.statusCode).toBe(414);
});

test("streams to a payload that is read as a stream", async () => {
  const app = httpApp(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [] });
    for (let piece = 0; piece < 64; piece += 1) {
      await send({ type: "http.response.body", body: new Uint8Array(8_192).fill(piece), more_body: true });
    }
    await send({ type: "http.response.body" });
  });
  const answer = await mounted(app).inject({ url: "/mnt", payloadAsStream: true });
  let length = 0;
  for await (const piece of answer.stream()) length += (piece as Buffer).byteLength;
  expect(length).toBe(64 * 8_192);
});

test("reaches a Fastify guest within Fastify", async () => {
  const guest = Fastify();
  guest.post("/echo/:name", ({ body, params, url, originalUrl }) => ({ body, params, url, originalUrl }));
  const answer = await mounted(fromFastify(guest)).inject({
    method: "POST",
    url: "/mnt/echo/a%2Fb",
    payload: { c: 1 },
  });
  expect(answer.json()).toEqual({
    body: { c: 1 },
    params: { name: "a/b" },
    url: "/echo/a%2Fb",
    originalUrl: "/mnt/echo/a%2Fb",
  });
});
