// The life of a hosted Fastify instance, and where it is mounted.

import { createServer } from "node:http";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { GatewayError, mount, trustedProxy, type AsgiApp } from "@tsgi/core";
import { toNode } from "@tsgi/node";
import { createTestClient } from "@tsgi/testing";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { ask, fieldsOf, listen, serveOurs, served } from "./fixtures/servers.ts";
import { fromFastify } from "./from-fastify.ts";
import { toFastify } from "./to-fastify.ts";

/** A middleware: the guest then has no native request. */
function behind(app: AsgiApp): AsgiApp {
  return (scope, receive, send) => app(scope, receive, send);
}

function recorded(events: string[]): FastifyInstance {
  const fastify = Fastify();
  fastify.addHook("onReady", async () => void events.push("ready"));
  fastify.addHook("preClose", async () => void events.push("preClose"));
  fastify.addHook("onClose", async () => void events.push("close"));
  fastify.get("/", () => {
    events.push("request");
    return "ok";
  });
  return fastify;
}

test("ready and close follow the host's lifespan [X28 A79]", async () => {
  const events: string[] = [];
  const server = await served(fromFastify(recorded(events)), { lifespan: "on" });
  expect(events).toEqual(["ready"]);
  await ask(server.address?.[1] ?? 0);
  await server.close();
  expect(events).toEqual(["ready", "request", "preClose", "close"]);
});

test("without a lifespan the first requests wait for ready, which runs once [A88]", async () => {
  const events: string[] = [];
  const port = await serveOurs(fromFastify(recorded(events)), { lifespan: "off" });
  expect(events).toEqual([]);
  const answers = await Promise.all([ask(port), ask(port), ask(port)]);
  expect(answers.map(({ body }) => body)).toEqual(["ok", "ok", "ok"]);
  expect(events).toEqual(["ready", "request", "request", "request"]);
});

test("a plugin that cannot be loaded is a failed startup, in its own words [X28]", async () => {
  const fastify = Fastify();
  fastify.register(async () => {
    throw new Error("no such database");
  });
  const start = served(fromFastify(fastify), { log: () => {} });
  await expect(start).rejects.toMatchObject({ code: "TSGI_ERR_LIFESPAN", message: /no such database/ });
});

test("without a lifespan it is a 500 for each request, and the log has its words", async () => {
  const logged: unknown[] = [];
  const fastify = Fastify();
  fastify.register(async () => {
    throw new Error("no such database");
  });
  const log = (_level: string, _message: string, error?: unknown): void =>
    void logged.push((error as Error).message);
  const port = await serveOurs(fromFastify(fastify), { lifespan: "off", log });
  for (let times = 0; times < 2; times += 1) {
    const answer = await ask(port);
    expect([answer.status, answer.body]).toEqual([500, "Internal Server Error"]);
  }
  expect(logged).toEqual(["no such database", "no such database"]);
});

test.each([
  ["has a native request", (app: AsgiApp) => app],
  ["has none", behind],
])("an instance that is closing answers 503, as by its own listen, where it %s", async (_what, wrap) => {
  const fastify = Fastify();
  fastify.get("/", () => "ok");
  let closing: Promise<undefined> = Promise.resolve(undefined);
  let whenClosing!: () => void;
  const closed = new Promise<void>((resolve) => {
    whenClosing = resolve;
  });
  let goOn!: () => void;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  fastify.addHook("preClose", async () => {
    whenClosing();
    await held;
  });
  const port = await serveOurs(wrap(fromFastify(fastify)));
  expect((await ask(port)).status).toBe(200);
  closing = fastify.close();
  await closed;
  const answer = await ask(port);
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([503, { error: "Service Unavailable" }]);
  goOn();
  await closing;
});

describe("below a mount prefix", () => {
  const guest = (): FastifyInstance => {
    const fastify = Fastify();
    fastify.get("/hello/:name", ({ url, originalUrl, params }) => ({ url, originalUrl, params }));
    fastify.get("/", ({ url, originalUrl }) => ({ url, originalUrl }));
    return fastify;
  };
  const hosts: Readonly<Record<string, () => Promise<number>>> = {
    "core's mount": () => serveOurs(mount("/mnt", fromFastify(guest()))),
    "core's mount behind a middleware": () => serveOurs(behind(mount("/mnt", fromFastify(guest())))),
    "serveNode with rootPath": () => serveOurs(fromFastify(guest()), { rootPath: "/mnt" }),
    "Fastify with a prefix": () => {
      const outer = Fastify();
      outer.register(toFastify(fromFastify(guest())), { prefix: "/mnt" });
      return listen(outer);
    },
  };

  test.each(Object.entries(hosts))("by %s routes match what follows it [X7]", async (_name, start) => {
    const port = await start();
    expect(JSON.parse((await ask(port, { path: "/mnt/hello/a%2Fb%20%252e?q=1" })).body)).toEqual({
      url: "/hello/a%2Fb%20%252e?q=1",
      originalUrl: "/mnt/hello/a%2Fb%20%252e?q=1",
      params: { name: "a/b %2e" },
    });
    expect(JSON.parse((await ask(port, { path: "/mnt" })).body)).toEqual({ url: "/", originalUrl: "/mnt" });
  });

  test("rewriteUrl of the guest has the last word", async () => {
    const fastify = Fastify({ rewriteUrl: ({ url = "" }) => url.replace("/old", "/new") });
    fastify.get("/new", ({ url, originalUrl }) => [url, originalUrl]);
    const port = await serveOurs(mount("/mnt", fromFastify(fastify)));
    expect((await ask(port, { path: "/mnt/old" })).body).toBe('["/new","/old"]');
  });
});

test("request.ip is the client's, and behind a proxy the one that was forwarded, by either's trust [X12 X13]", async () => {
  const headers = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };
  const app = (options: object): AsgiApp => {
    const fastify = Fastify(options);
    fastify.get("/", ({ ip, protocol }) => [ip, protocol]);
    return fromFastify(fastify);
  };
  const seen = async (hosted: AsgiApp): Promise<unknown> =>
    JSON.parse((await ask(await serveOurs(hosted), { headers })).body);
  expect(await seen(app({}))).toEqual(["127.0.0.1", "http"]);
  expect(await seen(app({ trustProxy: true }))).toEqual(["203.0.113.7", "https"]);
  expect(await seen(trustedProxy({ trusted: ["127.0.0.1"] })(app({})))).toEqual(["203.0.113.7", "https"]);
});

test("cookies that something in front has set are kept, each once [A42 X17]", async () => {
  const fastify = Fastify();
  fastify.get("/own", (_request, reply) => reply.header("set-cookie", ["own=1", "own=2"]).send("ok"));
  fastify.get("/set", (_request, reply) => {
    reply.raw.setHeader("Set-Cookie", "raw=1");
    return "ok";
  });
  fastify.get("/none", () => "ok");
  const listener = toNode(fromFastify(fastify));
  const server = createServer((req, res) => {
    res.setHeader("Set-Cookie", "front=1");
    listener(req, res);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cookies = async (path: string): Promise<string[]> =>
    fieldsOf(await ask(port, { path }), "set-cookie");
  expect(await cookies("/own")).toEqual(["front=1", "own=1", "own=2"]);
  expect(await cookies("/set")).toEqual(["front=1", "raw=1"]);
  expect(await cookies("/none")).toEqual(["front=1"]);
  server.close();
  await fastify.close();
});

test("an instance made for HTTP/2, or with a server of its own, is served like any other", async () => {
  const guests = [
    Fastify({ http2: true }) as unknown as FastifyInstance,
    Fastify({ serverFactory: (handler) => createServer(handler) }),
    Fastify({ https: SERVER }) as unknown as FastifyInstance,
  ];
  for (const guest of guests) {
    guest.post("/", ({ body }, reply) => reply.header("x-own", "1").send({ body }));
    const port = await serveOurs(fromFastify(guest), { lifespan: "on" });
    const asked = { method: "POST", headers: { "content-type": "application/json" }, body: '{"a":1}' };
    const answer = await ask(port, asked);
    expect([answer.status, answer.body, fieldsOf(answer, "x-own")]).toEqual([200, '{"body":{"a":1}}', ["1"]]);
  }
});

test("on an HTTP/2 host an instance gets bodies, and its answers go out whole", async () => {
  const fastify = Fastify();
  fastify.post("/:name", ({ body, params, protocol }, reply) =>
    reply.header("set-cookie", ["a=1", "b=2"]).send({ body, params, protocol }),
  );
  const server = await served(fromFastify(fastify), { http2: true, tls: SERVER });
  const session = connectHttp2(`https://localhost:${server.address?.[1]}`, { ca: CA });
  const stream = session.request({
    ":method": "POST",
    ":path": "/a%2Fb",
    "content-type": "application/json",
  });
  stream.end('{"a":1}');
  const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
  let body = "";
  for await (const piece of stream) body += String(piece);
  expect(headers).toMatchObject({ ":status": 200, "set-cookie": ["a=1", "b=2"] });
  expect(JSON.parse(body)).toEqual({ body: { a: 1 }, params: { name: "a/b" }, protocol: "https" });
  session.close();
  await once(session, "close");
});

test("in memory an instance answers as on a server", async () => {
  const fastify = Fastify();
  fastify.post("/echo", ({ body }) => ({ body }));
  const client = await createTestClient(fromFastify(fastify)).start();
  const answer = await client.post("/echo", { json: { a: 1 } });
  expect([answer.status, answer.json()]).toEqual([200, { body: { a: 1 } }]);
  expect((await client.get("/none")).status).toBe(404);
  await client.stop();
});

test("requests that overlap in a guest each keep what is theirs [X4]", async () => {
  const waiting = new Map<string, () => void>();
  let all!: () => void;
  const allThere = new Promise<void>((resolve) => {
    all = resolve;
  });
  const fastify = Fastify();
  fastify.decorateRequest("mine", "");
  fastify.addHook("onRequest", async (request) => {
    (request as unknown as { mine: string }).mine = request.url;
  });
  fastify.get("/:name", async (request, reply) => {
    const { name } = request.params as { name: string };
    await new Promise<void>((resolve) => {
      waiting.set(name, resolve);
      if (waiting.size === 6) all();
    });
    return await reply.header("x-name", name).send((request as unknown as { mine: string }).mine);
  });
  const port = await serveOurs(behind(fromFastify(fastify)));
  const names = Array.from({ length: 6 }, (_, i) => `n${i}`);
  const answers = names.map((name) => ask(port, { path: `/${name}` }));
  await allThere;
  for (const name of names.toReversed()) waiting.get(name)?.();
  expect((await Promise.all(answers)).map((answer) => [fieldsOf(answer, "x-name"), answer.body])).toEqual(
    names.map((name) => [[name], `/${name}`]),
  );
});

test("what is no Fastify instance, and options that nobody reads, are refused [S8]", () => {
  expect(() => fromFastify({} as never)).toThrow(GatewayError);
  expect(() => fromFastify(undefined as never)).toThrow(/Fastify instance/);
  expect(() => fromFastify(Fastify(), { linger: 1 } as object)).toThrow(/Unknown option "linger"/);
});
