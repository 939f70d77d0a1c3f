import { expect, expectTypeOf, test, vi } from "vitest";
import { SERVE, type AsgiApp } from "./app.ts";
import { GatewayError, UnsupportedScopeError } from "./errors.ts";
import type { SendEvent } from "./events.ts";
import { startLifespan, stateCopy } from "./lifespan.ts";
import { withLifespan } from "./lifespan-generator.ts";
import type { HttpScope, HttpScopeInit, LifespanScope, Scope } from "./scope.ts";
import type { HttpTransport } from "./transport.ts";

interface Db {
  open: boolean;
}

const http: AsgiApp = (scope) => {
  if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
};

/** Says which step it is at. */
function stepping(steps: string[], name: string): () => AsyncGenerator<void, void, void> {
  return async function* () {
    steps.push(`${name} up`);
    yield;
    steps.push(`${name} down`);
  };
}

async function rejection(promise: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

/** What an app sends to a host that knows no more than the specification. */
async function eventsSent(app: AsgiApp): Promise<SendEvent[]> {
  const sent: SendEvent[] = [];
  const received = [{ type: "lifespan.startup" }, { type: "lifespan.shutdown" }] as const;
  let next = 0;
  const scope: LifespanScope = { type: "lifespan", asgi: { version: "3.0", spec_version: "2.0" }, state: {} };
  await app(
    scope,
    async () => received[next++] as (typeof received)[number],
    async (event) => void sent.push(event),
  );
  return sent;
}

test("setup runs before the yield and teardown after it, with one state for all [A79 A82 A86]", async () => {
  const steps: string[] = [];
  const app = withLifespan(http, async function* (state: { db: Db }) {
    state.db = { open: true };
    steps.push("setup");
    yield;
    state.db.open = false;
    steps.push("teardown");
  });
  const lifespan = await startLifespan(app, { mode: "on" });
  expect(stateCopy(lifespan.state)).toEqual({ db: { open: true } });
  steps.push("serving");
  await lifespan.shutdown();
  expect([steps, lifespan.state]).toEqual([["setup", "serving", "teardown"], { db: { open: false } }]);
});

test("on any host its answers are those of the specification [A79 A82]", async () => {
  expect(await eventsSent(withLifespan(http, stepping([], "a")))).toEqual([
    { type: "lifespan.startup.complete" },
    { type: "lifespan.shutdown.complete" },
  ]);
});

test("an error in setup is a failed startup with its message, on any host [A80]", async () => {
  // oxlint-disable-next-line require-yield
  const app = withLifespan(http, async function* () {
    throw new TypeError("no database");
  });
  expect(await eventsSent(app)).toEqual([{ type: "lifespan.startup.failed", message: "no database" }]);
});

test("on our host the error itself is the cause [A80]", async () => {
  const boom = new TypeError("no database");
  // oxlint-disable-next-line require-yield
  const app = withLifespan(http, async function* () {
    throw boom;
  });
  const error = await rejection(startLifespan(app));
  expect([error.code, error.message, error.cause]).toEqual(["TSGI_ERR_LIFESPAN", "no database", boom]);
});

test.each([
  ["a string", "plain", "plain"],
  ["an error without a message", new TypeError(""), "TypeError"],
  ["an object without a text", Object.create(null) as unknown, "a value without a text"],
])("%s thrown in setup is told in words [A80]", async (_what, thrown, message) => {
  // oxlint-disable-next-line require-yield
  const app = withLifespan(http, async function* () {
    throw thrown;
  });
  expect((await rejection(startLifespan(app))).message).toBe(message);
});

test("an error in teardown is a failed shutdown with its message [A82 A84]", async () => {
  const boom = new TypeError("stuck");
  const app = withLifespan(http, async function* () {
    yield;
    throw boom;
  });
  expect((await eventsSent(app))[1]).toEqual({ type: "lifespan.shutdown.failed", message: "stuck" });
  const error = await rejection((await startLifespan(app)).shutdown());
  expect([error.message, error.cause]).toEqual(["stuck", boom]);
});

test("a setup that throws UnsupportedScopeError has failed: the lifespan is there [A81]", async () => {
  // oxlint-disable-next-line require-yield
  const app = withLifespan(http, async function* () {
    throw new UnsupportedScopeError("lifespan");
  });
  expect((await rejection(startLifespan(app))).code).toBe("TSGI_ERR_LIFESPAN");
});

test("a generator without a yield is a failed startup [A80]", async () => {
  // oxlint-disable-next-line require-yield
  const app = withLifespan(http, async function* () {});
  expect((await rejection(startLifespan(app))).message).toBe(
    "The lifespan generator returned without a yield",
  );
});

test("a generator that yields twice is a failed shutdown, and is closed [A82]", async () => {
  const closed = vi.fn<() => void>();
  const app = withLifespan(http, async function* () {
    try {
      yield;
      yield;
    } finally {
      closed();
    }
  });
  const error = await rejection((await startLifespan(app)).shutdown());
  expect(error.message).toContain("yielded twice");
  expect(closed).toHaveBeenCalledTimes(1);
});

test("a life that is no generator ends the startup [A81]", async () => {
  const life = (() => {}) as unknown as () => AsyncGenerator<void, void, void>;
  expect((await rejection(startLifespan(withLifespan(http, life)))).code).toBe("TSGI_ERR_LIFESPAN");
});

test("an inner app's own lifespan lies within [A79 A82]", async () => {
  const steps: string[] = [];
  const app = withLifespan(withLifespan(http, stepping(steps, "inner")), stepping(steps, "outer"));
  await (await startLifespan(app)).shutdown();
  expect(steps).toEqual(["outer up", "inner up", "inner down", "outer down"]);
});

test("an inner lifespan finds what the outer one left, in the same state [A86]", async () => {
  const inner = withLifespan(http, async function* (state: { url: string; db: string }) {
    state.db = `db at ${state.url}`;
    yield;
  });
  const app = withLifespan(inner, async function* (state: { url: string }) {
    state.url = "db:5432";
    yield;
  });
  const lifespan = await startLifespan(app);
  expect(lifespan.state).toEqual({ url: "db:5432", db: "db at db:5432" });
  await lifespan.shutdown();
});

test("if an inner lifespan fails to start, the outer one is torn down [A80]", async () => {
  const steps: string[] = [];
  // oxlint-disable-next-line require-yield
  const inner = withLifespan(http, async function* () {
    throw new TypeError("no");
  });
  expect((await rejection(startLifespan(withLifespan(inner, stepping(steps, "outer"))))).message).toBe("no");
  expect(steps).toEqual(["outer up", "outer down"]);
});

test("every other scope goes to the app as it is [A6]", async () => {
  const seen: Scope[] = [];
  const app = withLifespan((scope) => void seen.push(scope), stepping([], "a"));
  const scope = { type: "http" } as HttpScope;
  await app(scope, vi.fn(), vi.fn());
  expect(seen).toEqual([scope]);
  expect(seen[0]).toBe(scope);
});

test("the faster door of the app is kept", () => {
  const door = vi.fn();
  const inner: AsgiApp = () => {};
  inner[SERVE] = door;
  const [scope, transport] = [{} as HttpScopeInit, {} as HttpTransport];
  withLifespan(inner, stepping([], "a"))[SERVE]?.(scope, transport);
  expect(door.mock.calls).toEqual([[scope, transport]]);
});

test("the state has one type, from the generator to the request [A86]", () => {
  const typed: AsgiApp<{ db: Db }> = (scope) => {
    expectTypeOf(scope.state).toEqualTypeOf<{ db: Db } | null>();
  };
  const app = withLifespan(typed, async function* (state) {
    expectTypeOf(state).toEqualTypeOf<{ db: Db }>();
    yield;
  });
  expectTypeOf(app).toEqualTypeOf<AsgiApp>();
  // @ts-expect-error: this generator leaves another state than the app wants.
  withLifespan(typed, async function* (_state: { cache: Db }) {
    yield;
  });
});
