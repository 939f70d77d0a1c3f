// A portable app in Hono: as handler, middleware and mount, on Node by either way, and as a fetch handler without a server.

import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { AsgiApp, HttpScope } from "@tsgi/core";
import { fromNode } from "@tsgi/node";
import { echoApp, fieldsApp, scopeApp, textApp } from "./fixtures/apps.ts";
import { GLOBALS, ask, listen } from "./fixtures/servers.ts";
import { toHono } from "./to-hono.ts";

type Shown = Omit<HttpScope, "extensions" | "signal"> & { readonly extensions: readonly string[] };

async function shownAt(port: number, path: string): Promise<Shown> {
  return JSON.parse((await ask(port, { path })).body) as Shown;
}

const NATIVE_ONLY = "http.response.trailers";

describe("where the app is", () => {
  const MOUNTS: [says: string, hono: () => Hono, path: string, root: string][] = [
    ["a route's own path is no mount", () => new Hono().all("/legacy/*", toHono(scopeApp)), "/legacy/a", ""],
    ["as a middleware", () => new Hono().use("/legacy/*", toHono(scopeApp)), "/legacy/a", ""],
    ["below basePath", () => new Hono().basePath("/v1").all("*", toHono(scopeApp)), "/v1/a", "/v1"],
    [
      "below route()",
      () => new Hono().route("/sub", new Hono().all("*", toHono(scopeApp))),
      "/sub/a",
      "/sub",
    ],
    [
      "below two of them",
      () => new Hono().route("/a", new Hono().route("/b", new Hono().all("*", toHono(scopeApp)))),
      "/a/b/c",
      "/a/b",
    ],
    [
      "below a parameter",
      () => new Hono().route("/of/:who", new Hono().all("*", toHono(scopeApp))),
      "/of/caf%C3%A9/a",
      "/of/café",
    ],
    ["below mount()", () => new Hono().mount("/legacy", toHono(scopeApp)), "/legacy/a", "/legacy"],
    ["exactly at mount()", () => new Hono().mount("/legacy", toHono(scopeApp)), "/legacy", "/legacy"],
  ];

  test.each(MOUNTS)("%s [X6 X4]", async (_says, hono, path, root) => {
    const { path: found, root_path, raw_path } = await shownAt(await listen(hono()), path);
    expect([found, root_path, raw_path]).toEqual([decodeURIComponent(path), root, path]);
  });

  test("what something in front has cut off is given by the option, and adds up [X6]", async () => {
    const hono = new Hono().basePath("/v1").all("*", toHono(scopeApp, { rootPath: "/front" }));
    const { path, root_path, raw_path } = await shownAt(await listen(hono), "/v1/a");
    expect([path, root_path, raw_path]).toEqual(["/front/v1/a", "/front/v1", "/v1/a"]);
  });

  test("mount() without a server tells no prefix, and the option does [X6]", async () => {
    const bare = new Hono().mount("/legacy", toHono(scopeApp));
    const told = new Hono().mount("/legacy", toHono(scopeApp, { rootPath: "/legacy" }));
    const [first, second] = await Promise.all(
      [bare, told].map(async (hono) => (await (await hono.request("/legacy/a")).json()) as Shown),
    );
    expect([first?.path, first?.root_path]).toEqual(["/a", ""]);
    expect([second?.path, second?.root_path]).toEqual(["/legacy/a", "/legacy"]);
  });

  test("an encoded slash and a double encoding are decoded once, and kept in raw_path [X2 X4]", async () => {
    const port = await listen(new Hono().all("*", toHono(scopeApp)).use(async () => {}));
    for (const path of ["/a%2Fb", "/a%252Fb"]) {
      const shown = await shownAt(port, path);
      expect([shown.path, shown.raw_path]).toEqual([decodeURIComponent(path), path]);
    }
  });
});

describe("Node's own request and response", () => {
  const isNative = async (hono: Hono, path: string): Promise<boolean> =>
    (await shownAt(await listen(hono), path)).extensions.includes(NATIVE_ONLY);

  test("are the app's where nothing else in Hono takes part [X20 X24 X25]", async () => {
    expect(await isNative(new Hono().all("/a/*", toHono(scopeApp)), "/a/b")).toBe(true);
  });

  test("are not where a middleware is in front, as it may look at the response [X31]", async () => {
    expect(
      await isNative(new Hono().use(async (_c, next) => next()).all("/a/*", toHono(scopeApp)), "/a/b"),
    ).toBe(false);
  });

  test("are not where an error handler of its own is around the route [S20]", async () => {
    const inner = new Hono().all("*", toHono(scopeApp)).onError((_error, c) => c.text("failed", 500));
    expect(await isNative(new Hono().route("/a", inner), "/a/b")).toBe(false);
  });

  test("are not where another handler calls this one [A42]", async () => {
    const mounted = toHono(scopeApp);
    const hono = new Hono().all("/a/*", (c) => {
      c.header("x-mine", "1");
      return mounted(c);
    });
    const { body, all } = await ask(await listen(hono), { path: "/a/b" });
    expect([(JSON.parse(body) as Shown).extensions.includes(NATIVE_ONLY), all("x-mine")]).toEqual([
      false,
      ["1"],
    ]);
  });

  test("are not if the option says so [X31]", async () => {
    expect(await isNative(new Hono().all("/a/*", toHono(scopeApp, { native: false })), "/a/b")).toBe(false);
  });

  test("are not if the path that chose the app was another than the one that was sent [X2]", async () => {
    const port = await listen(
      new Hono().all("/public/*", toHono(scopeApp)).all("*", (c) => c.text("elsewhere")),
    );
    const { path, extensions } = await shownAt(port, "/admin/../public/a");
    expect([path, extensions.includes(NATIVE_ONLY)]).toEqual(["/public/a", false]);
  });

  test("show dot segments to an app that has every path [X2]", async () => {
    const { path, raw_path } = await shownAt(await listen(new Hono().all("*", toHono(scopeApp))), "/a/../b");
    expect([path, raw_path]).toEqual(["/a/../b", "/a/../b"]);
  });

  test.each(GLOBALS)("reach a Node listener as they are, with %s [X17]", async (globals) => {
    let seen: unknown[] = [];
    const hono = new Hono<{ Bindings: { incoming: unknown; outgoing: unknown } }>();
    const guest = toHono(
      fromNode((req, res) => {
        seen = [req, res];
        res.setHeader("set-cookie", ["a=1", "b=2"]);
        res.end("native");
      }),
    );
    let bindings: unknown[] = [];
    hono.all("*", guest);
    const fetch: Hono["fetch"] = (request, env) => {
      const { incoming, outgoing } = env as { incoming: unknown; outgoing: unknown };
      bindings = [incoming, outgoing];
      return hono.fetch(request, { incoming, outgoing });
    };
    const { body, all } = await ask(await listen({ fetch }, globals));
    expect([body, all("set-cookie"), seen[0] === bindings[0], seen[1] === bindings[1]]).toEqual([
      "native",
      ["a=1", "b=2"],
      true,
      true,
    ]);
  });

  test.each(GLOBALS)("answer HEAD once, without a body, with %s [A47]", async (globals) => {
    const port = await listen(new Hono().all("*", toHono(fieldsApp(["content-length", "8"]))), globals);
    const { status, body, all } = await ask(port, { method: "HEAD" });
    expect([status, body, all("content-length")]).toEqual([200, "", ["8"]]);
  });
});

describe("the extensions", () => {
  test("tsgi.hono has the context: its variables, its parameters [A12]", async () => {
    const app = textApp((scope) => {
      const { context } = scope.extensions["tsgi.hono"] as {
        context: { var: { user: string }; req: { param(): object } };
      };
      return JSON.stringify([context.var.user, context.req.param()]);
    });
    const hono = new Hono<{ Variables: { user: string } }>();
    hono.use(async (c, next) => {
      c.set("user", "ada");
      await next();
    });
    hono.all("/of/:who", toHono(app));
    expect((await ask(await listen(hono), { path: "/of/me" })).body).toBe('["ada",{"who":"me"}]');
  });

  const env = { KEY: "value" };
  const executionContext = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} };
  const platform: AsgiApp = textApp((scope) => {
    const found = scope.extensions["tsgi.fetch"] as { env: unknown; executionContext: unknown };
    return String(found.env === env && found.executionContext === executionContext);
  });

  test.each([
    ["a handler", new Hono().all("*", toHono(platform))],
    ["a mount", new Hono().mount("/", toHono(platform))],
  ])("tsgi.fetch has env and execution context of %s [A12]", async (_says, hono) => {
    const response = await hono.fetch(new Request("http://localhost/"), env, executionContext);
    expect(await response.text()).toBe("true");
  });

  test("tsgi.fetch has them on Node, too, and no execution context where there is none [A12]", async () => {
    const app = textApp((scope) => {
      const found = scope.extensions["tsgi.fetch"] as {
        request: Request;
        env: object;
        executionContext: unknown;
      };
      return JSON.stringify([
        found.request.method,
        Object.keys(found.env),
        found.executionContext === undefined,
      ]);
    });
    const port = await listen(new Hono().all("*", toHono(app)));
    expect((await ask(port)).body).toBe('["GET",["incoming","outgoing"],true]');
  });
});

describe("its options", () => {
  test("an app that is none, and an option that nobody reads, are refused [S8]", () => {
    expect(() => toHono(null as never)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
    expect(() => toHono(scopeApp, { nativ: true } as never)).toThrow('did you mean "native"?');
  });

  test.each([true, false])("a body beyond maxBodySize is a 413, native: %s [W24 S8]", async (native) => {
    const port = await listen(new Hono().all("*", toHono(echoApp, { maxBodySize: 4, native })));
    expect((await ask(port, { method: "POST", body: "1234" })).body).toBe("1234");
    expect((await ask(port, { method: "POST", body: "12345" })).status).toBe(413);
  });
});

describe("the lifespan", () => {
  const lived: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "lifespan") return scopeApp(scope, receive, send);
    await receive();
    (scope.state as Record<string, unknown>)["pool"] = "open";
    await send({ type: "lifespan.startup.complete" });
    await receive();
    await send({ type: "lifespan.shutdown.complete" });
  };

  test.each([true, false])(
    "runs once, by the first request or where it is asked for, and requests have its state, native: %s [X28 A86 A88]",
    async (native) => {
      const off = toHono(lived, { native, lifespan: "off" });
      expect((await shownAt(await listen(new Hono().all("*", off)), "/")).state).toBeNull();
      const mounted = toHono(lived, { native });
      const port = await listen(new Hono().all("*", mounted));
      expect((await shownAt(port, "/")).state).toEqual({ pool: "open" });
      const lifespan = await mounted.lifespan();
      expect(await mounted.lifespan()).toBe(lifespan);
      expect((await shownAt(port, "/")).state).toEqual({ pool: "open" });
      await lifespan.shutdown();
    },
  );
});
