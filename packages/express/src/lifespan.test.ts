// The lifespan of an app that is mounted in Express, which has none.

import { describe, expect, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { scopeApp } from "./fixtures/apps.ts";
import { VERSIONS, ask, listen } from "./fixtures/servers.ts";
import { toExpress } from "./to-express.ts";

function livingApp(): { readonly app: AsgiApp; readonly steps: string[] } {
  const steps: string[] = [];
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "lifespan") return scopeApp(scope, receive, send);
    await receive();
    steps.push("startup");
    (scope.state as Record<string, unknown>)["pool"] = "open";
    await send({ type: "lifespan.startup.complete" });
    await receive();
    steps.push("shutdown");
    await send({ type: "lifespan.shutdown.complete" });
  };
  return { app, steps };
}

describe.each(VERSIONS)("in %s", (_version, express) => {
  async function stateAt(port: number): Promise<unknown> {
    return (JSON.parse((await ask(port)).body) as { state: unknown }).state;
  }

  test("is run where it is asked for, and requests have its state [X28]", async () => {
    const { app, steps } = livingApp();
    const mounted = toExpress(app);
    const { shutdown } = await mounted.lifespan();
    const port = await listen(express().use(mounted));
    expect([steps, await stateAt(port)]).toEqual([["startup"], { pool: "open" }]);
    await shutdown();
    expect(steps).toEqual(["startup", "shutdown"]);
  });

  test("runs once, however often it is asked for [X28]", async () => {
    const { app, steps } = livingApp();
    const mounted = toExpress(app);
    const [first, second] = await Promise.all([mounted.lifespan(), mounted.lifespan()]);
    await first.shutdown();
    await second.shutdown();
    expect([first === second, steps]).toEqual([true, ["startup", "shutdown"]]);
  });

  test("is started by the first request, which waits for it, if nobody asked [X28 A88]", async () => {
    const { app, steps } = livingApp();
    const mounted = toExpress(app);
    const port = await listen(express().use(mounted));
    expect(steps).toEqual([]);
    expect(await Promise.all([stateAt(port), stateAt(port)])).toEqual([{ pool: "open" }, { pool: "open" }]);
    expect(steps).toEqual(["startup"]);
    await (await mounted.lifespan()).shutdown();
    expect(steps).toEqual(["startup", "shutdown"]);
  });

  test("is not run unasked where the options say so, or have a state [X28]", async () => {
    const { app, steps } = livingApp();
    const bare = await listen(express().use(toExpress(app, { lifespan: "off" })));
    const given = await listen(express().use(toExpress(app, { state: { pool: "given" } })));
    expect([await stateAt(bare), await stateAt(given), steps]).toEqual([null, { pool: "given" }, []]);
    expect(() => toExpress(app, { lifespan: "of" as never })).toThrow('"auto", "on" or "off"');
  });

  test("that failed is a 500 for every request, and says no more to the client [X28 A88 A80]", async () => {
    const app: AsgiApp = async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.failed", message: "no database" });
    };
    const logged: unknown[] = [];
    const mounted = toExpress(app, { log: (_level, _message, error) => void logged.push(error) });
    const port = await listen(express().use(mounted));
    for (let i = 0; i < 2; i += 1) {
      const { status, body } = await ask(port);
      expect([status, body]).toEqual([500, "Internal Server Error"]);
    }
    expect(logged.map(String)).toEqual(["GatewayError: no database", "GatewayError: no database"]);
  });

  test("leaves the state of the options to an app without one [X28]", async () => {
    const mounted = toExpress(scopeApp, { state: { pool: "given" } });
    const { supported } = await mounted.lifespan();
    const port = await listen(express().use(mounted));
    expect([supported, await stateAt(port)]).toEqual([false, { pool: "given" }]);
  });

  test("that fails rejects with what the app said [X28]", async () => {
    const app: AsgiApp = async (_scope, receive, send) => {
      await receive();
      await send({ type: "lifespan.startup.failed", message: "no database" });
    };
    await expect(toExpress(app).lifespan({ log: () => {} })).rejects.toMatchObject({
      code: "TSGI_ERR_LIFESPAN",
      message: "no database",
    });
  });
});
