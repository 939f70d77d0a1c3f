// The test client runs an app's lifespan, where a test wants one.

import { expect, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp, type Scope } from "@tsgi/core";
import { answering } from "./client/apps.test-support.ts";
import { createTestClient } from "./test-client.ts";

test("requests without a start have no state; after it each has a copy [A24 A86 A90]", async () => {
  const life: string[] = [];
  const app: AsgiApp<{ seen: number[] }> = async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      await receive();
      Object.assign(scope.state, { seen: [] });
      life.push("started");
      await send({ type: "lifespan.startup.complete" });
      await receive();
      life.push("stopped");
      await send({ type: "lifespan.shutdown.complete" });
      return;
    }
    const { state } = scope as Scope & { state: { seen: number[]; own?: true } | null };
    const isFresh = state !== null && state.own === undefined;
    if (state !== null) {
      state.own = true;
      state.seen.push(1);
    }
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: `${isFresh} ${state?.seen.length}` });
  };
  const client = createTestClient(app);
  expect((await client.get("/")).text()).toBe("false undefined");
  await client.start();
  expect((await client.get("/")).text()).toBe("true 1");
  expect((await client.get("/")).text()).toBe("true 2");
  expect(life).toEqual(["started"]);
  await client[Symbol.asyncDispose]();
  expect(life).toEqual(["started", "stopped"]);
});

test("a startup that fails rejects with the app's message [A80 A90]", async () => {
  const app: AsgiApp = async (_scope, receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.failed", message: "no database" });
  };
  await expect(createTestClient(app).start()).rejects.toThrow("no database");
});

test("lifespan can be left out, and is not asked of an app that has none [A81 A90]", async () => {
  const types: string[] = [];
  const app: AsgiApp = async (...call) => {
    types.push(call[0].type);
    if (call[0].type !== "http") throw new UnsupportedScopeError(call[0].type);
    await answering("x")(...call);
  };
  await (await createTestClient(app, { lifespan: "off" }).start()).get("/");
  expect(types).toEqual(["http"]);
  await (await createTestClient(app).start()).get("/");
  expect(types).toEqual(["http", "lifespan", "http"]);
  await expect(createTestClient(app, { lifespan: "on" }).start()).rejects.toMatchObject({
    code: "TSGI_ERR_LIFESPAN",
  });
});

test("stop ends what is still open before the shutdown [A82]", async () => {
  const order: string[] = [];
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      await receive();
      await send({ type: "lifespan.startup.complete" });
      await receive();
      order.push("shutdown");
      await send({ type: "lifespan.shutdown.complete" });
      return;
    }
    await receive();
    await receive();
    order.push("disconnected");
  };
  const client = await createTestClient(app).start();
  client.open("GET", "/");
  await client.stop();
  expect(order).toEqual(["disconnected", "shutdown"]);
});
