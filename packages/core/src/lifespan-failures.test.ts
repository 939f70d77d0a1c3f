// Lifespans, and logs, that fail in odd ways: the host hears of it, and nothing reaches the process.
// Source: ASGI lifespan 2.0; ASGI 3.0 "Error Handling".

import { afterEach, expect, test, vi } from "vitest";
import type { AsgiApp } from "./app.ts";
import { GatewayError, UnsupportedScopeError } from "./errors.ts";
import { startLifespan, type Lifespan } from "./lifespan.ts";
import { withLifespan } from "./lifespan-generator.ts";
import { mount } from "./mount.ts";
import { expectNoStrays } from "./strays.test-support.ts";

expectNoStrays();
afterEach(() => {
  vi.useRealTimers();
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function throwingGetter(key: string): object {
  return Object.defineProperty(new Error("odd"), key, {
    get() {
      throw new Error("in the getter");
    },
  });
}

const ODD: [what: string, thrown: unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["a symbol", Symbol("s")],
  ["an object without a text", Object.create(null)],
  ["a revoked proxy", revoked()],
  ["an error whose code throws", throwingGetter("code")],
  ["an error whose message throws", throwingGetter("message")],
  ["an error whose message is a symbol", Object.assign(new Error("odd"), { message: Symbol("s") })],
];

/** An app that throws this in one half of its lifespan. */
function failing(half: "startup" | "serving" | "shutdown", thrown: unknown): AsgiApp {
  return async (_scope, receive, send) => {
    await receive();
    if (half === "startup") throw thrown;
    await send({ type: "lifespan.startup.complete" });
    if (half === "serving") throw thrown;
    await receive();
    throw thrown;
  };
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "none",
    (error: GatewayError) => error.code,
  );

const none: AsgiApp = (scope) => {
  throw new UnsupportedScopeError(scope.type);
};

test.each(ODD)("%s thrown in a startup fails it [A81 A10]", async (_what, thrown) => {
  expect(await codeOf(startLifespan(failing("startup", thrown)))).toBe("TSGI_ERR_LIFESPAN");
  expect(await codeOf(startLifespan(mount("/x", failing("startup", thrown), none)))).toBe(
    "TSGI_ERR_LIFESPAN",
  );
});

test.each(ODD)("%s thrown while serving, or in a shutdown, fails that [A84 A10]", async (_what, thrown) => {
  const log = (): void => {};
  for (const half of ["serving", "shutdown"] as const) {
    for (const app of [failing(half, thrown), mount("/x", failing(half, thrown), none)]) {
      const lifespan = await startLifespan(app, { log });
      expect(await codeOf(lifespan.shutdown())).toBe("TSGI_ERR_LIFESPAN");
    }
  }
});

test.each(ODD)("%s thrown by a generator fails its half [A80 A82 A10]", async (_what, thrown) => {
  // oxlint-disable-next-line require-yield
  const early = withLifespan(none, async function* () {
    throw thrown;
  });
  expect(await codeOf(startLifespan(early))).toBe("TSGI_ERR_LIFESPAN");
  const late = withLifespan(none, async function* () {
    yield;
    throw thrown;
  });
  expect(await codeOf((await startLifespan(late)).shutdown())).toBe("TSGI_ERR_LIFESPAN");
});

test("a log that fails takes nothing from what the host is told [A84 A10]", async () => {
  const log = (): never => {
    throw new Error("disk full");
  };
  const lifespan = await startLifespan(failing("serving", new Error("app")), { log });
  expect(await codeOf(lifespan.shutdown())).toBe("TSGI_ERR_LIFESPAN");
});

test("what starts too late for the host is put away all the same [A87 A82]", async () => {
  vi.useFakeTimers();
  const steps: string[] = [];
  let wake!: () => void;
  const awake = new Promise<void>((resolve) => (wake = resolve));
  const first = withLifespan(none, async function* () {
    yield;
    steps.push("first put away");
  });
  const second = withLifespan(none, async function* () {
    await awake;
    steps.push("second started");
    yield;
    steps.push("second put away");
    throw new Error("in the second");
  });
  const lines: unknown[] = [];
  const started: Promise<Lifespan> = startLifespan(mount("/first", first, second), {
    startupTimeout: 1,
    log: (_level, message) => void lines.push(message),
  });
  const code = codeOf(started);
  await vi.advanceTimersByTimeAsync(1);
  expect(await code).toBe("TSGI_ERR_LIFESPAN_TIMEOUT");
  wake();
  await vi.runAllTimersAsync();
  expect(steps).toEqual(["second started", "second put away", "first put away"]);
  expect(lines).toEqual(["An app failed to shut down after a late startup"]);
});

test("an app without a lifespan, too, gives the same promise for every shutdown [A82]", async () => {
  const lifespan = await startLifespan(none);
  expect(lifespan.shutdown()).toBe(lifespan.shutdown());
});
