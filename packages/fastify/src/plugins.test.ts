// Plugins people use, around a mounted app: what they set and do holds for it as for a route beside it.

import { fileURLToPath } from "node:url";
import cors from "@fastify/cors";
import fastifyExpress from "@fastify/express";
import helmet from "@fastify/helmet";
import middie from "@fastify/middie";
import multipart from "@fastify/multipart";
import fastifyStatic from "@fastify/static";
import express from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import { answering, echo, place } from "./fixtures/apps.ts";
import { ask, fieldsOf, listen, type Answer, type Ask } from "./fixtures/servers.ts";
import { toFastify } from "./to-fastify.ts";

const FILES = fileURLToPath(new URL("fixtures/files/", import.meta.url));

/** Asks the same of a mounted app and of a route that does the same. */
async function both(
  around: (fastify: FastifyInstance) => void,
  question: Omit<Ask, "path">,
): Promise<[Answer, Answer]> {
  const fastify = Fastify({ forceCloseConnections: true });
  around(fastify);
  fastify.register(toFastify(answering("ok", [["content-type", "text/plain; charset=utf-8"]])), {
    prefix: "/app",
  });
  fastify.register(async (scope) => {
    scope.all("/route", (_request, reply) => reply.send("ok"));
  });
  const port = await listen(fastify);
  return [await ask(port, { ...question, path: "/app" }), await ask(port, { ...question, path: "/route" })];
}

/** The fields in any order. */
function sorted({ headers }: Answer): string[] {
  return headers
    .flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${headers[i + 1]}`] : []))
    .toSorted();
}

test.each<[what: string, question: Omit<Ask, "path">]>([
  ["a request", { headers: { origin: "https://friend.test" } }],
  ["a request from elsewhere", { headers: { origin: "https://other.test" } }],
  [
    "a preflight",
    {
      method: "OPTIONS",
      headers: { origin: "https://friend.test", "access-control-request-method": "PUT" },
    },
  ],
])("@fastify/cors answers %s to an app as to a route [A42]", async (_what, question) => {
  const [app, route] = await both(
    (fastify) => void fastify.register(cors, { origin: ["https://friend.test"] }),
    question,
  );
  expect([app.status, app.body, sorted(app)]).toEqual([route.status, route.body, sorted(route)]);
});

test("@fastify/cors at the root leaves OPTIONS that is no preflight to an app below a prefix, and serves beside one at the root", async () => {
  const fastify = Fastify();
  fastify.register(cors, { strictPreflight: false });
  fastify.register(toFastify(echo), { prefix: "/app" });
  fastify.register(toFastify(place));
  const port = await listen(fastify);
  expect((await ask(port, { method: "OPTIONS", path: "/app" })).status).toBe(204);
  expect((await ask(port, { path: "/anything" })).body).toBe('["","/anything","/anything",""]');
  const lax = Fastify();
  lax.register(cors, { preflight: false });
  lax.register(toFastify(echo), { prefix: "/app" });
  expect((await ask(await listen(lax), { method: "OPTIONS", path: "/app", body: "x" })).body).toBe(
    "OPTIONS x",
  );
});

test("@fastify/helmet sets its fields on an app's answer as on a route's [A42]", async () => {
  const [app, route] = await both((fastify) => void fastify.register(helmet), {});
  expect(fieldsOf(app, "x-content-type-options")).toEqual(["nosniff"]);
  expect(sorted(app)).toEqual(sorted(route));
});

test("middleware of @fastify/middie and @fastify/express sets fields and cookies on an app's answer [A42 X17]", async () => {
  for (const plugin of [middie, fastifyExpress]) {
    const fastify = Fastify();
    await fastify.register(plugin as typeof middie);
    fastify.use((req, res, next) => {
      res.setHeader("x-middleware", req.url ?? "");
      res.setHeader("set-cookie", ["a=1", "b=2"]);
      next();
    });
    fastify.register(toFastify(answering("ok", [["set-cookie", "c=3"]])), { prefix: "/app" });
    const answer = await ask(await listen(fastify), { path: "/app/x?y" });
    expect(fieldsOf(answer, "x-middleware")).toEqual(["/app/x?y"]);
    expect(fieldsOf(answer, "set-cookie")).toEqual(["a=1", "b=2", "c=3"]);
  }
});

test("behind @fastify/express an app is mounted at its prefix, and its body is not read for it", async () => {
  const fastify = Fastify();
  await fastify.register(fastifyExpress);
  const router = express.Router();
  router.use(
    "/express",
    express.json(),
    (req, res) => void res.json({ by: "express", body: req.body as unknown }),
  );
  fastify.use(router);
  fastify.register(toFastify(place), { prefix: "/app" });
  fastify.register(toFastify(echo), { prefix: "/echo" });
  const port = await listen(fastify);
  expect(JSON.parse((await ask(port, { path: "/app/a%2Fb?c" })).body)).toEqual([
    "/app",
    "/app/a/b",
    "/app/a%2Fb",
    "c",
  ]);
  const posted = { method: "POST", headers: { "content-type": "application/json" }, body: '{"a":1}' };
  expect((await ask(port, { ...posted, path: "/echo" })).body).toBe('POST {"a":1}');
  expect((await ask(port, { ...posted, path: "/express" })).body).toBe('{"by":"express","body":{"a":1}}');
});

test("@fastify/multipart and @fastify/static serve beside an app, and its uploads are its own [X21]", async () => {
  const fastify = Fastify();
  fastify.register(multipart);
  fastify.register(fastifyStatic, { root: FILES, prefix: "/files/" });
  fastify.register(toFastify(echo), { prefix: "/app" });
  fastify.register(async (scope) => {
    scope.post("/upload", (request) => request.file().then((file) => ({ name: file?.filename })));
  });
  const port = await listen(fastify);
  const body = '--b\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\nx\r\n--b--\r\n';
  const upload = { method: "POST", headers: { "content-type": "multipart/form-data; boundary=b" }, body };
  expect((await ask(port, { ...upload, path: "/app" })).body).toBe(`POST ${body}`);
  expect((await ask(port, { ...upload, path: "/upload" })).body).toBe('{"name":"n"}');
  expect((await ask(port, { path: "/files/index.html" })).body).toBe("<p>index</p>\n");
});
