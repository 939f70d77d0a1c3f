// A portable app behind middleware of Hono's, on Node: what the scope still has, what was set in front, what was read before.

import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import type { AsgiApp, HttpScope } from "@tsgi/core";
import { echoApp, fieldsApp, scopeApp } from "./fixtures/apps.ts";
import { GLOBALS, ask, listen } from "./fixtures/servers.ts";
import { toHono, type ToHonoOptions } from "./to-hono.ts";

async function shownAt(port: number, path: string): Promise<HttpScope> {
  return JSON.parse((await ask(port, { path })).body) as HttpScope;
}

describe("behind a middleware on Node", () => {
  const behind = (app: AsgiApp, options?: ToHonoOptions): Hono =>
    new Hono().use(async (_c, next) => next()).all("*", toHono(app, options));

  test("the scope has the addresses, the version and the spelling of the path [X11 X12 X9]", async () => {
    const port = await listen(behind(scopeApp));
    const { client, server, http_version, raw_path } = await shownAt(port, "/a%2db");
    expect([client?.[0], server, http_version, raw_path]).toEqual([
      "127.0.0.1",
      ["127.0.0.1", port],
      "1.1",
      "/a%2db",
    ]);
  });

  test("an address that the option finds is not replaced [X12]", async () => {
    const port = await listen(behind(scopeApp, { client: () => ["192.0.2.1", 1] }));
    expect((await shownAt(port, "/")).client).toEqual(["192.0.2.1", 1]);
  });

  test("early hints reach the client before the response [A51 X24]", async () => {
    const app: AsgiApp = async (_scope, _receive, send) => {
      await send({ type: "http.response.early_hint", links: ["</a.css>; rel=preload"] });
      await send({ type: "http.response.start", status: 200, headers: [] });
      await send({ type: "http.response.body", body: "hinted" });
    };
    const { hints, body } = await ask(await listen(behind(app)));
    expect([hints, body]).toEqual([["</a.css>; rel=preload"], "hinted"]);
  });
});

describe.each(GLOBALS)("what is set in front, with %s,", (globals) => {
  const served = (app: AsgiApp, touch: boolean): Promise<number> => {
    const hono = new Hono();
    hono.use(async (c, next) => {
      c.header("x-front", "front");
      c.header("x-both", "front");
      c.header("vary", "Origin");
      c.header("set-cookie", "front=1");
      if (touch) c.res.headers.set("x-touched", "1");
      await next();
      c.header("x-after", "after");
    });
    hono.all("*", toHono(app));
    return listen(hono, globals);
  };

  describe.each([false, true])("the middleware's use of c.res being %s,", (touch) => {
    test("is in the response, and the app's own field wins [A42]", async () => {
      const { all } = await ask(await served(fieldsApp(["x-both", "app"], ["x-app", "app"]), touch));
      expect(["x-front", "x-both", "x-app", "x-after"].map(all)).toEqual([
        ["front"],
        ["app"],
        ["app"],
        ["after"],
      ]);
    });

    test("keeps its cookie apart from those of the app, each once [X17]", async () => {
      const { all } = await ask(await served(fieldsApp(["set-cookie", "a=1"], ["set-cookie", "b=2"]), touch));
      expect(all("set-cookie").toSorted()).toEqual(["a=1", "b=2", "front=1"]);
    });

    test("is added to Vary [A42]", async () => {
      const { all } = await ask(await served(fieldsApp(["vary", "Accept"]), touch));
      expect(all("vary").join(", ")).toBe("Origin, Accept");
    });
  });
});

describe("a body that a middleware has read", () => {
  const reading = (
    read: (req: { text(): Promise<string>; json(): Promise<unknown> }) => Promise<unknown>,
  ): Hono =>
    new Hono()
      .use(async (c, next) => {
        await read(c.req);
        await next();
      })
      .all("*", toHono(echoApp, { log: () => {} }));
  const post = { method: "POST", body: '{"a": 1}', headers: { "content-type": "application/json" } };

  test.each(GLOBALS)(
    "by Hono's text() or json() is given again, octet for octet, with %s [A28]",
    async (globals) => {
      for (const hono of [reading((req) => req.text()), reading((req) => req.json())]) {
        expect((await ask(await listen(hono, globals), post)).body).toBe('{"a": 1}');
      }
    },
  );

  test("past Hono, is a 500 and an error that says so [S20]", async () => {
    const errors: unknown[] = [];
    const hono = new Hono()
      .use(async (c, next) => {
        await c.req.raw.text();
        await next();
      })
      .all(
        "*",
        toHono(echoApp, { log: (_level, _message, error) => errors.push((error as { code: string }).code) }),
      );
    const { status, body } = await ask(await listen(hono), post);
    expect([status, body, errors]).toEqual([500, "Internal Server Error", ["TSGI_ERR_BODY_CONSUMED"]]);
  });
});
