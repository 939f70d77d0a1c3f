// lintAsgi faults an app that writes into the scope it was given, and none that writes into a copy or into the state.

import { expect, test } from "vitest";
import { deriveScope, mount, trustedProxy, type AsgiApp, type HttpScope, type Scope } from "@tsgi/core";
import {
  BODY,
  call,
  goodLifespanScope,
  goodScope,
  goodWebSocketScope,
  rulesOf,
  sending,
} from "./lint/lint.test-support.ts";

const reply = sending({ type: "http.response.start", status: 200 }, { type: "http.response.body" });
const FIRST = Symbol("first");

/** A scope as an app of JavaScript sees it: nothing is readonly. */
type Open = { [key: PropertyKey]: unknown } & Record<"headers" | "extensions" | "client" | "asgi", never[]>;

const WRITES: [what: string, write: (scope: Open) => void, seen: string][] = [
  ["changes a key of", (scope) => (scope.path = "/b"), 'scope["path"] was changed'],
  ["adds a key to", (scope) => (scope.user = "me"), 'scope["user"] was added'],
  ["adds a symbol to", (scope) => (scope[FIRST] = 1), "scope[Symbol(first)] was added"],
  ["adds a key without a value to", (scope) => (scope.user = undefined), 'scope["user"] was added'],
  ["deletes a key of", (scope) => delete scope.raw_path, 'scope["raw_path"] was deleted'],
  ["puts an array of its own into", (scope) => (scope.headers = []), 'scope["headers"] was changed'],
  ["puts a state of its own into", (scope) => (scope.state = {}), 'scope["state"] was changed'],
  ["adds a header to", (scope) => scope.headers.push(0 as never), 'scope.headers["length"] was changed'],
  ["takes a header from", (scope) => scope.headers.pop(), 'scope.headers["1"] was deleted'],
  ["changes the headers of", (scope) => scope.headers.fill(0 as never), 'scope.headers["0"] was changed'],
  [
    "offers an extension in",
    (scope) => Object.assign(scope.extensions, { mine: {} }),
    'scope.extensions["mine"] was added',
  ],
  ["changes the client of", (scope) => scope.client.fill(0 as never), 'scope.client["0"] was changed'],
];

test.each(WRITES)("an app that %s its scope is at fault [A11 A94]", async (_what, write, seen) => {
  const app: AsgiApp = async (scope, receive, send) => {
    write(scope as unknown as Open);
    await reply(scope, receive, send);
  };
  const outcome = await call(app);
  expect(rulesOf(outcome)).toEqual(["A11 app"]);
  expect(outcome.error).toBe(outcome.findings[0]);
  expect(outcome.findings[0]?.message).toBe(
    `A11, app at fault: ${seen}, where a change goes into a copy of the scope`,
  );
});

test("a write is found where the app returns at once, and over a websocket too [A11 A94]", async () => {
  const atOnce = await call((scope, _receive, send) => {
    Object.assign(scope, { user: "me" });
    void send({ type: "http.response.start", status: 200 });
    void send({ type: "http.response.body" });
  });
  const closing: AsgiApp = async (scope, _receive, send) => {
    Object.assign(scope, { user: "me" });
    await send({ type: "websocket.close" });
  };
  const websocket = await call(closing, { scope: goodWebSocketScope() });
  expect([rulesOf(atOnce), rulesOf(websocket)]).toEqual([["A11 app"], ["A11 app"]]);
});

test("a middleware that changes the scope for the app inside is at fault, and one that copies it is not [A11 A94]", async () => {
  const writing: AsgiApp = (scope, receive, send) =>
    reply(Object.assign(scope, { path: "/b" }), receive, send);
  const spreading: AsgiApp = (scope, receive, send) => {
    const copy = { ...(scope as HttpScope) };
    Object.assign(copy, { user: "me", path: "/b", headers: [...copy.headers, ["x-a", "1"]] });
    return reply(copy, receive, send);
  };
  const deriving: AsgiApp = (scope, receive, send) =>
    reply(Object.assign(deriveScope(scope, {}), { user: "me" }), receive, send);
  const outcomes = await Promise.all([writing, spreading, deriving].map((app) => call(app)));
  expect(outcomes.map(rulesOf)).toEqual([["A11 app"], [], []]);
});

test("the middlewares of core write into no scope [A11 A94]", async () => {
  const proxy = trustedProxy({ trusted: ["*"], host: true, prefix: true });
  const scope = goodScope({
    headers: [
      ["host", "localhost"],
      ["content-length", "4"],
      ["x-forwarded-for", "192.0.2.1"],
      ["x-forwarded-host", "example.org"],
      ["x-forwarded-prefix", "/p"],
    ],
  });
  const outcome = await call(proxy(mount("/p", reply)), { scope });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});

test("a signal that is made when it is touched is not touched by the lint, and no write of an app that does [A11 A34 A94]", async () => {
  let made = 0;
  const touchable = (): Scope =>
    Object.defineProperty(goodScope(), "signal", {
      configurable: true,
      enumerable: true,
      get() {
        made += 1;
        return new AbortController().signal;
      },
    });
  expect([rulesOf(await call(reply, { scope: touchable() })), made]).toEqual([[], 0]);
  const touching: AsgiApp = (scope, receive, send) => {
    expect((scope as HttpScope).signal.aborted).toBe(false);
    return reply(scope, receive, send);
  };
  const outcome = await call(touching, { scope: touchable() });
  expect([rulesOf(outcome), made]).toEqual([[], 1]);
});

test("what is in the state is the app's: a lifespan fills it, and a request may add to its copy [A79 A94]", async () => {
  const living: AsgiApp = async (scope, receive, send) => {
    await receive();
    Object.assign(scope.state as object, { db: "db" });
    await send({ type: "lifespan.startup.complete" });
    await receive();
    await send({ type: "lifespan.shutdown.complete" });
  };
  const events = [{ type: "lifespan.startup" }, { type: "lifespan.shutdown" }];
  const lived = await call(living, { scope: goodLifespanScope(), events });
  const adding: AsgiApp = (scope, receive, send) => {
    Object.assign(scope.state as object, { user: "me" });
    return reply(scope, receive, send);
  };
  const added = await call(adding, { scope: goodScope({ state: { db: "db" } }), events: BODY });
  expect([rulesOf(lived), lived.error, rulesOf(added), added.error]).toEqual([[], null, [], null]);
});

test("a lifespan that puts another state into its scope is at fault: the server has the first [A11 A94]", async () => {
  const replacing: AsgiApp = async (scope, receive, send) => {
    await receive();
    Object.assign(scope, { state: { db: "db" } });
    await send({ type: "lifespan.startup.complete" });
    await receive();
    await send({ type: "lifespan.shutdown.complete" });
  };
  const events = [{ type: "lifespan.startup" }, { type: "lifespan.shutdown" }];
  expect(rulesOf(await call(replacing, { scope: goodLifespanScope(), events }))).toEqual(["A11 app"]);
});

test("what an app throws after a write is passed on as it is [A94]", async () => {
  const error = new TypeError("mine");
  const outcome = await call((scope) => {
    Object.assign(scope, { path: "/b" });
    throw error;
  });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], error]);
});
