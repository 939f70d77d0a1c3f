import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { GatewayError, withLifespan } from "@tsgi/core";
import { answering, echo, httpApp, place } from "./fixtures/apps.ts";
import { ask, fieldsOf, listen, rawExchange } from "./fixtures/servers.ts";
import { toFastify } from "./to-fastify.ts";

type Mount = (fastify: FastifyInstance) => void;

const at =
  (prefix: string): Mount =>
  (fastify) =>
    void fastify.register(toFastify(place), { prefix });

async function placeOf(mount: Mount, path: string, fastify: FastifyInstance = Fastify()): Promise<unknown> {
  mount(fastify);
  const { status, body } = await ask(await listen(fastify), { path });
  expect(status).toBe(200);
  return JSON.parse(body);
}

describe("an app in Fastify", () => {
  test.each([
    ["/", "/", "/", ""],
    ["/a/b?c=d%20e", "/a/b", "/a/b", "c=d%20e"],
    ["/a%2Fb/%252e/caf%C3%A9", "/a/b/%2e/caf\u00e9", "/a%2Fb/%252e/caf%C3%A9", ""],
    ["/a/../b/./c", "/a/../b/./c", "/a/../b/./c", ""],
    ["/%2e%2e/a", "/../a", "/%2e%2e/a", ""],
    ["//a///b/", "//a///b/", "//a///b/", ""],
    ["/?a?b", "/", "/", "a?b"],
    [`/${"x".repeat(500)}`, `/${"x".repeat(500)}`, `/${"x".repeat(500)}`, ""],
  ])("at the root sees %s as it was sent [X1 X6]", async (target, path, raw_path, query_string) => {
    expect(await placeOf(at(""), target)).toEqual(["", path, raw_path, query_string]);
  });

  test.each([
    ["/mnt", "/mnt", "/mnt"],
    ["/mnt/", "/mnt/", "/mnt/"],
    ["/mnt/a%2Fb/%252e", "/mnt/a/b/%2e", "/mnt/a%2Fb/%252e"],
    ["/mnt/a/../b", "/mnt/a/../b", "/mnt/a/../b"],
    ["/mnt//a", "/mnt//a", "/mnt//a"],
    ["/m%6Et/a", "/mnt/a", "/m%6Et/a"],
  ])("below a prefix sees %s, and its mount point [X6]", async (target, path, raw_path) => {
    expect(await placeOf(at("/mnt"), `${target}?q=1`)).toEqual(["/mnt", path, raw_path, "q=1"]);
  });

  test("below a prefix with a parameter is mounted at what was asked for [X6]", async () => {
    expect(await placeOf(at("/of/:tenant"), "/of/caf%C3%A9/x%20y")).toEqual([
      "/of/caf\u00e9",
      "/of/caf\u00e9/x y",
      "/of/caf%C3%A9/x%20y",
      "",
    ]);
  });

  test("in scopes nested three deep is mounted at all their prefixes together [X6]", async () => {
    const nested: Mount = (fastify) => {
      void fastify.register(
        async (outer) => {
          await outer.register(
            async (inner) => {
              await inner.register(toFastify(place), { prefix: "/c" });
            },
            { prefix: "/b" },
          );
        },
        { prefix: "/a" },
      );
    };
    expect(await placeOf(nested, "/a/b/c/d%2Fe?f")).toEqual(["/a/b/c", "/a/b/c/d/e", "/a/b/c/d%2Fe", "f"]);
  });

  test("where the router is lenient is mounted at what the client wrote [X6]", async () => {
    const lenient = Fastify({ routerOptions: { caseSensitive: false, ignoreDuplicateSlashes: true } });
    expect(await placeOf(at("/mnt"), "//MNT/A", lenient)).toEqual(["//MNT", "//MNT/A", "//MNT/A", ""]);
  });

  test("behind rewriteUrl is mounted below what was cut off [X6]", async () => {
    const behind = Fastify({ rewriteUrl: ({ url = "" }) => url.replace(/^\/api/, "") });
    expect(await placeOf(at("/mnt"), "/api/mnt/a", behind)).toEqual([
      "/api/mnt",
      "/api/mnt/a",
      "/api/mnt/a",
      "",
    ]);
  });

  test("behind a proxy that cuts its prefix off is mounted below rootPath [X6]", async () => {
    const behind: Mount = (fastify) =>
      void fastify.register(toFastify(place, { rootPath: "/proxied" }), { prefix: "/mnt" });
    expect(await placeOf(behind, "/mnt/a")).toEqual(["/proxied/mnt", "/proxied/mnt/a", "/mnt/a", ""]);
  });

  test("and its neighbours each have their own requests, by their prefixes [X6]", async () => {
    const fastify = Fastify();
    fastify.register(toFastify(answering("one")), { prefix: "/1" });
    fastify.register(toFastify(answering("two")), { prefix: "/2" });
    fastify.get("/3", () => "three");
    const port = await listen(fastify);
    const bodies = await Promise.all(["/1/x", "/2/x", "/3"].map((path) => ask(port, { path })));
    expect(bodies.map(({ body }) => body)).toEqual(["one", "two", "three"]);
  });

  test("answers 404 itself for what it does not have, and Fastify for what is not below its prefix [A42]", async () => {
    const fastify = Fastify();
    fastify.register(toFastify(answering("not mine", [["x-by", "app"]], 404)), { prefix: "/mnt" });
    const port = await listen(fastify);
    const app = await ask(port, { path: "/mnt/nothing" });
    expect([app.status, app.body, fieldsOf(app, "x-by")]).toEqual([404, "not mine", ["app"]]);
    const outside = await ask(port, { path: "/mntx" });
    expect([outside.status, JSON.parse(outside.body)]).toMatchObject([
      404,
      { message: "Route GET:/mntx not found" },
    ]);
  });

  test("refuses options that nobody reads, and an app that is none [S8]", () => {
    expect(() => toFastify(place, { passError: true } as object)).toThrow(/did you mean "passErrors"/);
    expect(() => toFastify(place, { maxBodySize: -1 })).toThrow(GatewayError);
    expect(() => toFastify(undefined as never)).toThrow(GatewayError);
  });

  test("shows its name among the plugins", async () => {
    const fastify = Fastify();
    fastify.register(toFastify(place), { prefix: "/mnt" });
    await fastify.ready();
    expect(fastify.printPlugins()).toContain("tsgi");
    await fastify.close();
  });
});

describe("the methods", () => {
  test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])(
    "%s reaches the app [X1]",
    async (method) => {
      for (const prefix of ["", "/mnt"]) {
        const fastify = Fastify();
        fastify.register(toFastify(echo), { prefix });
        const body = method === "TRACE" ? {} : { body: "x" };
        const answer = await ask(await listen(fastify), { method, path: `${prefix}/a`, ...body });
        expect([answer.status, answer.body]).toEqual([200, method === "TRACE" ? "TRACE " : `${method} x`]);
      }
    },
  );

  test("HEAD reaches the app as HEAD, and gets its fields without a body [A40]", async () => {
    const app = httpApp(async ({ method }, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["x-method", method]] });
      await send({ type: "http.response.body", body: "never sent" });
    });
    const fastify = Fastify();
    fastify.register(toFastify(app), { prefix: "/mnt" });
    const answer = await ask(await listen(fastify), { method: "HEAD", path: "/mnt" });
    expect([answer.status, fieldsOf(answer, "x-method"), answer.body]).toEqual([200, ["HEAD"], ""]);
  });

  test.each(["PROPFIND", "MKCOL", "PURGE", "M-SEARCH", "LINK"])(
    "%s, which Fastify has no routes for, reaches an app below a prefix, hooks and all [X1]",
    async (method) => {
      const fastify = Fastify();
      fastify.addHook("onRequest", async (_request, reply) => void reply.header("x-early", "1"));
      fastify.addHook("onSend", async (_request, reply) => void reply.header("x-late", "2"));
      fastify.register(toFastify(echo), { prefix: "/mnt" });
      const answer = await ask(await listen(fastify), { method, path: "/mnt/a", body: "x" });
      expect(answer.body).toBe(`${method} x`);
      expect([...fieldsOf(answer, "x-early"), ...fieldsOf(answer, "x-late")]).toEqual(["1", "2"]);
    },
  );

  test("a method added by addHttpMethod reaches an app at the root [X1]", async () => {
    const fastify = Fastify();
    fastify.addHttpMethod("PROPFIND", { hasBody: true });
    fastify.register(toFastify(echo));
    const answer = await ask(await listen(fastify), { method: "PROPFIND", body: "x" });
    expect(answer.body).toBe("PROPFIND x");
  });

  test("at the root the server's own not-found handler stays as it was", async () => {
    const fastify = Fastify();
    fastify.setNotFoundHandler((_request, reply) => reply.code(404).send("ours"));
    fastify.register(toFastify(echo));
    const answer = await ask(await listen(fastify), { method: "PROPFIND" });
    expect([answer.status, answer.body]).toEqual([404, "ours"]);
  });
});

describe("a status", () => {
  test.each([200, 299, 418, 599, 600, 799, 999])("%i of the app is the client's [A35]", async (status) => {
    const fastify = Fastify();
    fastify.register(toFastify(answering("body", [], status)), { prefix: "/mnt" });
    const answer = await ask(await listen(fastify), { path: "/mnt" });
    expect([answer.status, answer.body]).toEqual([status, "body"]);
  });
});

test("a Host that would change the authority of a URL is refused [S7]", async () => {
  const fastify = Fastify();
  fastify.register(toFastify(place));
  const octets = "GET / HTTP/1.1\r\nHost: good.com@evil.com\r\nConnection: close\r\n\r\n";
  expect(await rawExchange(await listen(fastify), octets)).toMatch(/^HTTP\/1\.1 400 /);
});

test("requests that overlap on one route each keep what is theirs [X4]", async () => {
  const waiting = new Map<string, () => void>();
  let all!: () => void;
  const allThere = new Promise<void>((resolve) => {
    all = resolve;
  });
  const app = httpApp(async (scope, _receive, send) => {
    const mine = scope.query_string;
    (scope.state as Record<string, unknown>)["mine"] = mine;
    await new Promise<void>((resolve) => {
      waiting.set(mine, resolve);
      if (waiting.size === 8) all();
    });
    const { mine: kept } = scope.state as { mine: string };
    await send({ type: "http.response.start", status: 200, headers: [["x-mine", mine]] });
    await send({ type: "http.response.body", body: `${scope.path} ${scope.query_string} ${kept}` });
  });
  const fastify = Fastify();
  fastify.addHook("onRequest", async (request, reply) => {
    reply.header("x-hook", request.url).header("set-cookie", `hook=${request.url}`);
  });
  const logged: string[] = [];
  fastify.addHook("onResponse", async (request, reply) => {
    logged.push(`${request.url} ${String(reply.raw.getHeader("x-mine"))}`);
  });
  const withState = withLifespan(app, async function* () {
    yield;
  });
  fastify.register(toFastify(withState), { prefix: "/mnt" });
  const port = await listen(fastify);
  const names = Array.from({ length: 8 }, (_, i) => `n=${i}`);
  const answers = names.map((name) => ask(port, { path: `/mnt/${name}?${name}` }));
  await allThere;
  for (const name of names.toReversed()) waiting.get(name)?.();
  for (const [i, answer] of (await Promise.all(answers)).entries()) {
    const name = `n=${i}`;
    const url = `/mnt/${name}?${name}`;
    expect(answer.body).toBe(`/mnt/${name} ${name} ${name}`);
    expect(fieldsOf(answer, "x-mine")).toEqual([name]);
    expect(fieldsOf(answer, "x-hook")).toEqual([url]);
    expect(fieldsOf(answer, "set-cookie")).toEqual([`hook=${url}`]);
  }
  expect(logged.toSorted()).toEqual(names.map((name) => `/mnt/${name}?${name} ${name}`));
});
