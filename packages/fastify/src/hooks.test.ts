// What of Fastify's life cycle still holds around a mounted app.

import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import Fastify, { type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import { wsgi } from "@tsgi/core";
import { answering, bodyOf, echo, httpApp, telling } from "./fixtures/apps.ts";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { ask, connectTo, fieldsOf, listen } from "./fixtures/servers.ts";
import { toFastify } from "./to-fastify.ts";

const COOKIES: [string, string][] = [
  ["Set-Cookie", "app=1"],
  ["Set-Cookie", "app=2"],
];

test("every hook up to the handler runs before the app, in Fastify's order, and onResponse after it", async () => {
  const order: string[] = [];
  const app = httpApp(async (_scope, _receive, send) => {
    order.push("app");
    await send({ type: "http.response.start", status: 201, headers: [] });
    await send({ type: "http.response.body", body: "made" });
  });
  const fastify = Fastify();
  for (const name of ["onRequest", "preValidation", "preHandler", "onSend", "preParsing"] as const) {
    fastify.addHook(name as "onRequest", (_request: unknown, _reply: unknown, ...rest: unknown[]) => {
      order.push(name);
      (rest.at(-1) as () => void)();
    });
  }
  const responded = new Promise<[status: number, sent: boolean]>((resolve) => {
    fastify.addHook("onResponse", async (_request, reply) => {
      order.push("onResponse");
      resolve([reply.statusCode, reply.sent]);
    });
  });
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.status, ...(await responded)]).toEqual([201, 201, true]);
  expect(order).toEqual([
    "onRequest",
    "preParsing",
    "preValidation",
    "preHandler",
    "onSend",
    "app",
    "onResponse",
  ]);
});

test("fields that hooks set are sent, the app's own replace them, and every cookie arrives once [A42 X17]", async () => {
  const fastify = Fastify();
  fastify.addHook("onRequest", async (_request, reply) => {
    reply.raw.setHeader("set-cookie", ["raw=1", "raw=2"]);
    reply.raw.setHeader("x-raw", "raw");
    reply
      .header("x-hook", "hook")
      .header("x-both", "hook")
      .header("set-cookie", "hook=1")
      .header("x-number", 7);
    reply.header("set-cookie", "hook=2").type("text/x-hook");
  });
  fastify.register(
    toFastify(answering("body", [...COOKIES, ["X-Both", "app"], ["x-own", "one"], ["x-own", "two"]])),
  );
  const answer = await ask(await listen(fastify));
  expect(fieldsOf(answer, "set-cookie")).toEqual(["raw=1", "raw=2", "hook=1", "hook=2", "app=1", "app=2"]);
  const values = ["x-raw", "x-hook", "x-both", "x-number", "x-own", "content-type"];
  expect(values.map((name) => fieldsOf(answer, name))).toEqual([
    ["raw"],
    ["hook"],
    ["app"],
    ["7"],
    ["one", "two"],
    ["text/x-hook"],
  ]);
});

test("the same over HTTP/2, where the reply is said to be sent as well [A42 X17]", async () => {
  const fastify = Fastify({ http2: true, https: SERVER });
  fastify.addHook("onRequest", async (_request, reply) => {
    reply.raw.setHeader("set-cookie", "raw=1");
    reply.header("x-hook", "hook").header("x-both", "hook").header("set-cookie", "hook=1");
  });
  const sent = new Promise<boolean>((resolve) => {
    fastify.addHook("onResponse", async (_request, reply) => resolve(reply.sent));
  });
  fastify.register(toFastify(answering("body", [...COOKIES, ["X-Both", "app"]])), { prefix: "/mnt" });
  const port = await listen(fastify as unknown as FastifyInstance);
  const session = connectHttp2(`https://localhost:${port}`, { ca: CA });
  const stream = session.request({ ":path": "/mnt" });
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  stream.resume();
  expect(headers).toMatchObject({
    ":status": 200,
    "set-cookie": ["raw=1", "hook=1", "app=1", "app=2"],
    "x-hook": "hook",
    "x-both": "app",
  });
  expect(await sent).toBe(true);
  session.close();
});

test("fields of hooks reach the answer to a sync app, and to an app that fails [A45]", async () => {
  const fastify = Fastify();
  fastify.addHook("onRequest", async (_request, reply) => void reply.header("x-hook", "1"));
  fastify.register(toFastify(wsgi((_environ, start) => (start("200 OK", []), ["ok"]))), { prefix: "/sync" });
  fastify.register(
    toFastify(
      () => {
        throw new Error("no");
      },
      { lifespan: "off" },
    ),
    { prefix: "/bad" },
  );
  const port = await listen(fastify);
  for (const [path, status] of [
    ["/sync", 200],
    ["/bad", 500],
  ] as const) {
    const answer = await ask(port, { path });
    expect([answer.status, fieldsOf(answer, "x-hook")]).toEqual([status, ["1"]]);
  }
});

test("onSend hooks of every scope set fields and cookies, wherever they were added", async () => {
  const fastify = Fastify();
  fastify.addHook("onSend", async (_request, reply) => void reply.header("set-cookie", "outer=1"));
  fastify.register(async (scope) => {
    scope.addHook("onSend", async (_request, reply, payload) => {
      expect(payload).toBe(undefined);
      reply.header("set-cookie", "inner=1");
    });
    await scope.register(toFastify(answering("body", COOKIES)), { prefix: "/mnt" });
    scope.addHook("onSend", async (_request, reply) => void reply.header("set-cookie", "later=1"));
  });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect(fieldsOf(answer, "set-cookie")).toEqual(["outer=1", "inner=1", "later=1", "app=1", "app=2"]);
});

test("with onSendHooks off no onSend hook runs, as for any hijacked reply", async () => {
  const fastify = Fastify();
  fastify.addHook("onSend", async (_request, reply) => void reply.header("x-late", "1"));
  fastify.register(toFastify(echo, { onSendHooks: false }), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.body, fieldsOf(answer, "x-late")]).toEqual(["GET ", []]);
});

test("an onSend hook that fails keeps the app from being called, and Fastify answers", async () => {
  let called = false;
  const app = httpApp(() => {
    called = true;
  });
  const fastify = Fastify();
  fastify.addHook("onSend", async (_request, _reply, payload) => {
    if (payload === undefined) throw new Error("no payload");
  });
  fastify.setErrorHandler((error, _request, reply) =>
    reply.code(503).send({ handled: (error as Error).message }),
  );
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.status, answer.body, called]).toEqual([503, '{"handled":"no payload"}', false]);
});

test("a hook that answers itself keeps the request from the app", async () => {
  let called = false;
  const app = httpApp(() => {
    called = true;
  });
  const fastify = Fastify();
  fastify.addHook("preHandler", async (_request, reply) => reply.code(401).send("who are you?"));
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.status, answer.body, called]).toEqual([401, "who are you?", false]);
});

test("a hook that calls callNotFound gets the 404 of Fastify, with its body", async () => {
  const fastify = Fastify();
  fastify.setNotFoundHandler((_request, reply) => reply.code(404).send("not here"));
  fastify.addHook("onRequest", (_request, reply) => void reply.callNotFound());
  fastify.register(toFastify(echo));
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.status, answer.body]).toEqual([404, "not here"]);
});

test("request.url is whole for hooks that run after a guest with the native request", async () => {
  const { fromNode } = await import("@tsgi/node");
  const fastify = Fastify();
  const seen = new Promise<string[]>((resolve) => {
    fastify.addHook("onResponse", async ({ url, originalUrl }) => resolve([url, originalUrl]));
  });
  fastify.register(toFastify(fromNode((req, res) => void res.end(req.url))), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt/a?b" });
  expect(answer.body).toBe("/a?b");
  expect(await seen).toEqual(["/mnt/a?b", "/mnt/a?b"]);
});

test("handlerTimeout answers for an app that takes too long, which sees its client gone", async () => {
  let gone!: (type: string) => void;
  const left = new Promise<string>((resolve) => {
    gone = resolve;
  });
  const app = httpApp(async (scope, receive) => {
    await bodyOf(receive);
    const aborted = once(scope.signal, "abort");
    gone((await receive()).type);
    await aborted;
  });
  const fastify = Fastify({ handlerTimeout: 20 });
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const answer = await ask(await listen(fastify), { path: "/mnt" });
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([503, { code: "FST_ERR_HANDLER_TIMEOUT" }]);
  expect(await left).toBe("http.disconnect");
});

test("a request.signal that a hook has taken is aborted when the client leaves, as scope.signal is [A34 X23]", async () => {
  const events: string[] = [];
  let both!: () => void;
  const done = new Promise<void>((resolve) => {
    both = resolve;
  });
  const note = (what: string): void => {
    events.push(what);
    if (events.length === 2) both();
  };
  let started!: () => void;
  const under = new Promise<void>((resolve) => {
    started = resolve;
  });
  const app = httpApp(async ({ signal }) => {
    signal.addEventListener("abort", () => note("scope.signal"));
    started();
    await once(signal, "abort");
  });
  const fastify = Fastify();
  fastify.addHook("preHandler", async ({ signal }) => {
    signal.addEventListener("abort", () => note("request.signal"));
  });
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const socket = await connectTo(await listen(fastify));
  socket.write("POST /mnt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  await under;
  socket.destroy();
  await done;
  expect(events.toSorted()).toEqual(["request.signal", "scope.signal"]);
});

test("onTimeout runs when the connection has been silent for too long", async () => {
  const app = httpApp(async ({ signal }) => {
    await once(signal, "abort");
  });
  const fastify = Fastify({ connectionTimeout: 20 });
  const timedOut = new Promise<string>((resolve) => {
    fastify.addHook("onTimeout", async (request) => {
      resolve(request.url);
      request.raw.socket.destroy();
    });
  });
  fastify.register(toFastify(app), { prefix: "/mnt" });
  const socket = await connectTo(await listen(fastify));
  socket.write("GET /mnt/a HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(await timedOut).toBe("/mnt/a");
});

test.each([
  [true, ["203.0.113.7", 0], "https"],
  ["192.0.2.1", ["127.0.0.1", expect.any(Number)], "http"],
  [false, ["127.0.0.1", expect.any(Number)], "http"],
])("with trustProxy %o the client is %j, by %s [X10 X12 X13]", async (trustProxy, client, scheme) => {
  const fastify = Fastify({ trustProxy });
  fastify.register(toFastify(telling((scope) => [scope.client, scope.scheme])));
  const headers = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };
  expect(JSON.parse((await ask(await listen(fastify), { headers })).body)).toEqual([client, scheme]);
});

test("of a proxy that names nobody the client stays the peer, and an IPv4 address is one [X12 S22]", async () => {
  const fastify = Fastify({ trustProxy: true });
  fastify.register(toFastify(telling(({ client }) => client)));
  const port = await listen(fastify);
  const told = async (forwarded: string): Promise<unknown> =>
    JSON.parse((await ask(port, { headers: { "x-forwarded-for": forwarded } })).body);
  expect(await told("unknown")).toEqual(["127.0.0.1", expect.any(Number)]);
  expect(await told("203.0.113.7:80")).toEqual(["127.0.0.1", expect.any(Number)]);
  expect(await told("::ffff:203.0.113.7")).toEqual(["203.0.113.7", 0]);
  expect(await told("2001:db8::1")).toEqual(["2001:db8::1", 0]);
});
