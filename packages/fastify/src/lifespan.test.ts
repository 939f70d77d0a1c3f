// The lifespan of a mounted app follows onReady and onClose.

import Fastify from "fastify";
import { expect, test } from "vitest";
import { withLifespan, type AsgiApp } from "@tsgi/core";
import { answering, telling } from "./fixtures/apps.ts";
import { ask, listen } from "./fixtures/servers.ts";
import { toFastify } from "./to-fastify.ts";

function recorded(events: string[], app: AsgiApp = answering("ok")): AsgiApp {
  return withLifespan(app, async function* (state: { db?: string }) {
    state.db = "open";
    events.push("startup");
    yield;
    events.push("shutdown");
  });
}

test("startup is over before the server listens, shutdown comes after its last request [A79 A88 X28]", async () => {
  const events: string[] = [];
  const fastify = Fastify();
  fastify.addHook("onListen", async () => void events.push("listen"));
  fastify.addHook("preClose", async () => void events.push("preClose"));
  fastify.addHook("onResponse", async () => void events.push("response"));
  fastify.register(toFastify(recorded(events)), { prefix: "/mnt" });
  await ask(await listen(fastify), { path: "/mnt" });
  await fastify.close();
  expect(events).toEqual(["startup", "listen", "response", "preClose", "shutdown"]);
});

test("each request gets a copy of what startup left [A24]", async () => {
  const app = telling(({ state }) => {
    const mine = state as { db?: string; seen?: number };
    mine.seen = (mine.seen ?? 0) + 1;
    return mine;
  });
  const fastify = Fastify();
  fastify.register(toFastify(recorded([], app)), { prefix: "/mnt" });
  const port = await listen(fastify);
  for (let times = 0; times < 2; times += 1) {
    expect(JSON.parse((await ask(port, { path: "/mnt" })).body)).toEqual({ db: "open", seen: 1 });
  }
});

test("a startup that fails has ready() and listen() reject with what the app said, and close() does not [A88]", async () => {
  const app = withLifespan(answering("ok"), async function* () {
    if (Date.now() > 0) throw new Error("no database");
    yield;
  });
  for (const begin of ["ready", "listen"] as const) {
    const fastify = Fastify();
    fastify.register(toFastify(app), { prefix: "/mnt" });
    const begun = begin === "ready" ? fastify.ready() : fastify.listen({ port: 0 });
    await expect(begun).rejects.toMatchObject({ code: "TSGI_ERR_LIFESPAN", message: /no database/ });
    await fastify.close();
  }
});

test("a startup that takes too long has ready() reject", async () => {
  const app = withLifespan(answering("ok"), async function* () {
    await new Promise(() => {});
    yield;
  });
  const fastify = Fastify();
  fastify.register(toFastify(app, { lifespanStartupTimeout: 10 }));
  await expect(fastify.ready()).rejects.toMatchObject({ code: "TSGI_ERR_LIFESPAN_TIMEOUT" });
  await fastify.close();
});

test("a shutdown that fails has close() reject", async () => {
  const app = withLifespan(answering("ok"), async function* () {
    yield;
    throw new Error("cannot let go");
  });
  const fastify = Fastify();
  fastify.register(toFastify(app));
  await fastify.ready();
  await expect(fastify.close()).rejects.toMatchObject({
    code: "TSGI_ERR_LIFESPAN",
    message: /cannot let go/,
  });
});

test("an app without a lifespan is served all the same, unless it must have one, and off asks for none", async () => {
  const scopes: string[] = [];
  const app: AsgiApp = async (scope, receive, send) => {
    scopes.push(scope.type);
    await answering("ok")(scope, receive, send);
  };
  const auto = Fastify();
  auto.register(toFastify(app));
  expect((await ask(await listen(auto))).body).toBe("ok");
  const off = Fastify();
  off.register(toFastify(app, { lifespan: "off" }));
  expect((await ask(await listen(off))).body).toBe("ok");
  expect(scopes).toEqual(["lifespan", "http", "http"]);
  const on = Fastify();
  on.register(toFastify(app, { lifespan: "on" }));
  await expect(on.ready()).rejects.toMatchObject({ code: "TSGI_ERR_LIFESPAN" });
  await on.close();
});
