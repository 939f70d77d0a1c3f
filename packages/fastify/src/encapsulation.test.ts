// Bodies: the app's are left unread, and everybody else's are parsed as before.

import Fastify from "fastify";
import { expect, test } from "vitest";
import { echo, httpApp, bodyOf } from "./fixtures/apps.ts";
import { ask, listen, rawExchange } from "./fixtures/servers.ts";
import { toFastify } from "./to-fastify.ts";

const JSON_TYPE = { "content-type": "application/json" };

test.each([
  ["JSON", { "content-type": "application/json" }, '{"a":1}'],
  ["JSON that is none", { "content-type": "application/json" }, '{"a":'],
  ["an empty body called JSON", { "content-type": "application/json" }, ""],
  ["text", { "content-type": "text/plain" }, "text"],
  ["a type that has a parser of its own", { "content-type": "application/x-own" }, "own"],
  ["a type nobody knows", { "content-type": "application/x-unheard; a=b" }, "unheard"],
  ["a type that is none", { "content-type": "none" }, "none"],
  ["an empty type", { "content-type": "" }, "empty"],
  ["no type", {}, "untyped"],
])("%s reaches the app as it was sent [A28 X21]", async (_what, headers, body) => {
  const fastify = Fastify();
  fastify.addContentTypeParser("application/x-own", { parseAs: "string" }, () => {
    throw new Error("parsed");
  });
  fastify.register(toFastify(echo), { prefix: "/mnt" });
  const port = await listen(fastify);
  for (const method of ["POST", "DELETE", "OPTIONS", "PUT"]) {
    const answer = await ask(port, { method, path: "/mnt", headers, body });
    expect([answer.status, answer.body]).toEqual([200, `${method} ${body}`]);
  }
});

test("a Content-Type that is none is what hooks and the app see [X14]", async () => {
  const seen: unknown[] = [];
  const app = httpApp(async ({ headers }, receive, send) => {
    seen.push(headers.find(([name]) => name === "content-type")?.[1]);
    await bodyOf(receive);
    await send({ type: "http.response.start", status: 204, headers: [] });
    await send({ type: "http.response.body" });
  });
  const fastify = Fastify();
  fastify.addHook("preHandler", async ({ headers }) => void seen.push(headers["content-type"]));
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), {
    method: "POST",
    path: "/mnt",
    headers: { "content-type": "odd one" },
    body: "x",
  });
  expect([answer.status, seen]).toEqual([204, ["odd one", "odd one"]]);
});

test("the routes around the plugin, before and after it, parse as before", async () => {
  const fastify = Fastify();
  fastify.post("/before", ({ body }) => ({ body }));
  fastify.register(toFastify(echo), { prefix: "/mnt" });
  fastify.register(
    async (scope) => {
      scope.post("/in-scope", ({ body }) => ({ body }));
    },
    { prefix: "/other" },
  );
  fastify.post("/after", ({ body }) => ({ body }));
  const port = await listen(fastify);
  for (const path of ["/before", "/other/in-scope", "/after"]) {
    const answer = await ask(port, { method: "POST", path, headers: JSON_TYPE, body: '{"a":1}' });
    expect(answer.body).toBe('{"body":{"a":1}}');
    const refused = await ask(port, { method: "POST", path, headers: { "content-type": "x/y" }, body: "a" });
    expect(refused.status).toBe(415);
  }
  expect(fastify.hasContentTypeParser("*")).toBe(false);
});

test("a body beyond Fastify's bodyLimit is the app's, and one beyond maxBodySize is refused with 413 [S8]", async () => {
  const fastify = Fastify({ bodyLimit: 4 });
  fastify.register(toFastify(echo), { prefix: "/any" });
  fastify.register(toFastify(echo, { maxBodySize: 5 }), { prefix: "/five" });
  const port = await listen(fastify);
  const post = (path: string, body: string): Promise<{ status: number; body: string }> =>
    ask(port, { method: "POST", path, headers: JSON_TYPE, body });
  expect(await post("/any", "123456")).toMatchObject({ status: 200, body: "POST 123456" });
  expect(await post("/five", "12345")).toMatchObject({ status: 200, body: "POST 12345" });
  expect(await post("/five", "123456")).toMatchObject({ status: 413 });
});

test("a body that a hook in front has put another stream in place of is refused, and the log says why", async () => {
  const { Readable } = await import("node:stream");
  const fastify = Fastify();
  const errors: unknown[] = [];
  fastify.addHook("preParsing", async (_request, _reply, payload) => {
    payload.resume();
    return Readable.from(["other"]);
  });
  fastify.addHook("onError", async (_request, _reply, error) => void errors.push(error.code));
  fastify.register(toFastify(echo), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { method: "POST", path: "/mnt", body: "x" });
  expect([answer.status, errors]).toEqual([500, ["TSGI_ERR_BODY_CONSUMED"]]);
});

test("a body nobody reads does not disturb the next request of its connection [A46 A49]", async () => {
  const fastify = Fastify();
  const lazy = httpApp(async ({ path }, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [] });
    await send({ type: "http.response.body", body: `[${path}]` });
  });
  fastify.register(toFastify(lazy), { prefix: "/mnt" });
  const octets =
    "POST /mnt/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde" +
    "GET /mnt/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  const received = await rawExchange(await listen(fastify), octets);
  expect(received.match(/\[.*?\]/g)).toEqual(["[/mnt/1]", "[/mnt/2]"]);
});
