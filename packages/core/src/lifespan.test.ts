import { afterEach, expect, test, vi } from "vitest";
import type { AsgiApp, Receive, Send } from "./app.ts";
import { GatewayError, UnsupportedScopeError } from "./errors.ts";
import type { SendEvent } from "./events.ts";
import { startLifespan, stateCopy, type LifespanOptions } from "./lifespan.ts";
import type { LifespanScope } from "./scope.ts";
import type { LogLevel } from "./transport.ts";

type Line = [level: LogLevel, message: string, error: unknown];

/** A log in an array, and an options object that writes to it. */
function logged(options: LifespanOptions = {}): LifespanOptions & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const log: LifespanOptions["log"] = (level, message, error) => void lines.push([level, message, error]);
  // Not to be seen as an option.
  return Object.defineProperty({ ...options, log, lines }, "lines", { enumerable: false });
}

/** An app of one lifespan, as a function of its two halves of a conversation. */
function life(run: (receive: Receive, send: Send, scope: LifespanScope) => unknown): AsgiApp {
  return (scope, receive, send) => run(receive, send, scope as LifespanScope) as Promise<void>;
}

/** Answers both events, with a step before each answer. */
function answering(startup: () => unknown = () => {}, shutdown: () => unknown = () => {}): AsgiApp {
  return life(async (receive, send) => {
    await receive();
    await startup();
    await send({ type: "lifespan.startup.complete" });
    await receive();
    await shutdown();
    await send({ type: "lifespan.shutdown.complete" });
  });
}

/** Whether a promise is still pending once everything that could settle it has had its turn. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  const pending = Symbol("pending");
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}

/** The error a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await promise.then(
    () => "it resolved",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GatewayError);
  return error as GatewayError;
}

afterEach(() => void vi.useRealTimers());

test("startup is complete when the app says so, and not before [A79]", async () => {
  const steps: string[] = [];
  let ready!: () => void;
  const opened = new Promise<void>((resolve) => (ready = resolve));
  const starting = startLifespan(answering(() => opened)).then(() => steps.push("listen"));
  expect(await isPending(starting)).toBe(true);
  steps.push("opened");
  ready();
  await starting;
  expect(steps).toEqual(["opened", "listen"]);
});

test("the app is called once, with a lifespan scope and an empty state, and startup is its first event [A79 A2]", async () => {
  const calls: unknown[] = [];
  const app = life(async (receive, send, scope) => {
    calls.push(structuredClone(scope), await receive());
    await send({ type: "lifespan.startup.complete" });
    await receive();
  });
  await startLifespan(app);
  expect(calls).toEqual([
    { type: "lifespan", asgi: { version: "3.0", spec_version: "2.0" }, state: {} },
    { type: "lifespan.startup" },
  ]);
});

test("a failed startup rejects with the app's message, word for word [A80]", async () => {
  const app = life(async (receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.failed", message: "No database at db:5432\n\tgiving up" });
  });
  const error = await rejection(startLifespan(app));
  expect([error.code, error.message]).toEqual(["TSGI_ERR_LIFESPAN", "No database at db:5432\n\tgiving up"]);
});

test("a failed startup without a message still says what happened [A80]", async () => {
  const app = life((_receive, send) => send({ type: "lifespan.startup.failed" }));
  expect((await rejection(startLifespan(app))).message).toBe("The app sent lifespan.startup.failed");
});

test("an app that reports its failed startup and throws besides has its error in the log [A80]", async () => {
  const options = logged();
  const app = life(async (_receive, send) => {
    await send({ type: "lifespan.startup.failed", message: "no" });
    throw new TypeError("no, really");
  });
  expect((await rejection(startLifespan(app, options))).message).toBe("no");
  await isPending(Promise.resolve());
  expect(options.lines).toEqual([
    ["error", "The app failed after its lifespan had ended", new TypeError("no, really")],
  ]);
});

const UNSUPPORTING: [what: string, app: AsgiApp][] = [
  [
    "throws UnsupportedScopeError",
    (scope) => {
      throw new UnsupportedScopeError(scope.type);
    },
  ],
  [
    "rejects with UnsupportedScopeError",
    async (scope) => Promise.reject(new UnsupportedScopeError(scope.type)),
  ],
  [
    "throws another copy's UnsupportedScopeError",
    () => {
      throw Object.assign(new Error("no"), { code: "TSGI_ERR_UNSUPPORTED_SCOPE" });
    },
  ],
  [
    "asks for the startup, then throws UnsupportedScopeError",
    async (scope, receive) => {
      await receive();
      throw new UnsupportedScopeError(scope.type);
    },
  ],
  ["returns without asking for an event", () => {}],
  [
    "answers with an HTTP response",
    async (_scope, receive, send) => {
      await receive();
      await send({ type: "http.response.start", status: 200 });
    },
  ],
  [
    "answers with an HTTP response it does not wait for",
    (_scope, receive, send) => {
      void receive();
      void send({ type: "http.response.start", status: 200 });
      void send({ type: "http.response.body" });
    },
  ],
  [
    "accepts a WebSocket",
    async (_scope, receive, send) => {
      await receive();
      await send({ type: "websocket.accept" });
    },
  ],
];

test.each(UNSUPPORTING)("auto: an app that %s is served without a lifespan [A81 A6]", async (_what, app) => {
  const options = logged();
  const lifespan = await startLifespan(app, options);
  await lifespan.shutdown();
  expect([lifespan.state, lifespan.supported, options.lines]).toEqual([null, false, []]);
});

test.each(UNSUPPORTING)("on: an app that %s ends the startup [A81]", async (_what, app) => {
  const error = await rejection(startLifespan(app, { mode: "on" }));
  expect([error.code, error.message]).toEqual([
    "TSGI_ERR_LIFESPAN",
    'The app does not serve lifespan scopes, and lifespan is "on"',
  ]);
});

const BOOM = new TypeError("boom");
const FATAL: [what: string, app: AsgiApp, message: string][] = [
  [
    "throws at once",
    () => {
      throw BOOM;
    },
    "The app threw during lifespan startup: boom",
  ],
  ["rejects", async () => Promise.reject(BOOM), "The app threw during lifespan startup: boom"],
  [
    "throws after taking the startup",
    async (_scope, receive) => {
      await receive();
      throw BOOM;
    },
    "The app threw during lifespan startup: boom",
  ],
  [
    "takes the startup and returns without an answer",
    async (_scope, receive) => void (await receive()),
    'The app returned without answering lifespan.startup: an app that has no lifespan throws UnsupportedScopeError for what it does not serve, or is served with lifespan "off"',
  ],
  [
    "returns a value",
    life(() => Promise.resolve("served")),
    "The app threw during lifespan startup: An app returns nothing, not a value (string)",
  ],
  [
    "sends an event nobody knows",
    (_scope, _receive, send) => send({ type: "lifespan.ready" } as unknown as SendEvent),
    'The app threw during lifespan startup: A lifespan scope has no event of type "lifespan.ready"',
  ],
];

test.each(FATAL)("auto: an app that %s ends the startup [A81]", async (_what, app, message) => {
  const error = await rejection(startLifespan(app));
  expect([error.code, error.message]).toEqual(["TSGI_ERR_LIFESPAN", message]);
});

test.each(FATAL)("on: an app that %s ends the startup [A81]", async (_what, app, message) => {
  expect((await rejection(startLifespan(app, { mode: "on" }))).message).toBe(message);
});

test("what an app threw is the cause of the rejection [A81]", async () => {
  expect((await rejection(startLifespan(async () => Promise.reject(BOOM)))).cause).toBe(BOOM);
});

test("off: the app is never called [A81]", async () => {
  const app = vi.fn<AsgiApp>();
  const lifespan = await startLifespan(app, { mode: "off" });
  await lifespan.shutdown();
  expect([app.mock.calls, lifespan.state, lifespan.supported]).toEqual([[], null, false]);
});

test("shutdown is delivered when the host asks for it, and done when the app says so [A82]", async () => {
  const steps: string[] = [];
  let close!: () => void;
  const closed = new Promise<void>((resolve) => (close = resolve));
  const app = answering(undefined, () => {
    steps.push("shutdown");
    return closed;
  });
  const lifespan = await startLifespan(app);
  const stopping = lifespan.shutdown().then(() => steps.push("exit"));
  expect(await isPending(stopping)).toBe(true);
  steps.push("closed");
  close();
  await stopping;
  expect(steps).toEqual(["shutdown", "closed", "exit"]);
});

test("a second shutdown is the first [A82]", async () => {
  const shutdown = vi.fn<() => void>();
  const lifespan = await startLifespan(answering(undefined, shutdown));
  expect(lifespan.shutdown()).toBe(lifespan.shutdown());
  await lifespan.shutdown();
  expect(shutdown).toHaveBeenCalledTimes(1);
});

test("a failed shutdown rejects with the app's message, word for word [A82]", async () => {
  const app = life(async (receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.complete" });
    await receive();
    await send({ type: "lifespan.shutdown.failed", message: "2 jobs left" });
  });
  const error = await rejection((await startLifespan(app)).shutdown());
  expect([error.code, error.message]).toEqual(["TSGI_ERR_LIFESPAN", "2 jobs left"]);
});

test("receive() is pending from the end of startup until shutdown, then gives it once [A83]", async () => {
  let second!: Promise<unknown>;
  let third!: Promise<unknown>;
  const app = life(async (receive, send) => {
    await receive();
    second = receive();
    third = receive();
    await send({ type: "lifespan.startup.complete" });
    await second;
    await send({ type: "lifespan.shutdown.complete" });
  });
  const lifespan = await startLifespan(app);
  expect([await isPending(second), await isPending(third)]).toEqual([true, true]);
  await lifespan.shutdown();
  expect(await second).toEqual({ type: "lifespan.shutdown" });
  expect(await isPending(third)).toBe(true);
});

test("an app that completes its startup unasked gets the shutdown next [A83]", async () => {
  const received: unknown[] = [];
  const app = life(async (receive, send) => {
    await send({ type: "lifespan.startup.complete" });
    received.push(await receive());
    await send({ type: "lifespan.shutdown.complete" });
  });
  await (await startLifespan(app)).shutdown();
  expect(received).toEqual([{ type: "lifespan.shutdown" }]);
});

test("an app that asks for the shutdown late still gets it [A82]", async () => {
  let ask!: () => void;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const app = life(async (receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.complete" });
    await asked;
    expect(await receive()).toEqual({ type: "lifespan.shutdown" });
    await send({ type: "lifespan.shutdown.complete" });
  });
  const stopping = (await startLifespan(app)).shutdown();
  ask();
  await expect(stopping).resolves.toBeUndefined();
});

test("a throw during shutdown is an error [A84]", async () => {
  const app = answering(undefined, () => Promise.reject(BOOM));
  const error = await rejection((await startLifespan(app)).shutdown());
  expect([error.message, error.cause]).toEqual(["The app threw during lifespan shutdown: boom", BOOM]);
});

test("an unsupported scope is no excuse once startup is complete [A84]", async () => {
  const app = answering(undefined, () => Promise.reject(new UnsupportedScopeError("lifespan")));
  const error = await rejection((await startLifespan(app)).shutdown());
  expect(error.message).toContain("The app threw during lifespan shutdown");
});

test("a return during shutdown without an answer is an error [A84]", async () => {
  const app = life(async (receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.complete" });
    await receive();
  });
  const error = await rejection((await startLifespan(app)).shutdown());
  expect(error.message).toBe("The app returned without answering lifespan.shutdown");
});

test("an app that leaves its lifespan while serving is logged at once, and fails the shutdown [A84]", async () => {
  const options = logged();
  const app = life(async (receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.complete" });
  });
  const lifespan = await startLifespan(app, options);
  await isPending(Promise.resolve());
  const message = "The app left its lifespan while it was serving";
  expect(options.lines).toEqual([["error", message, expect.any(GatewayError)]]);
  expect(lifespan.supported).toBe(true);
  expect((await rejection(lifespan.shutdown())).message).toBe(message);
});

test("an app that throws while serving is logged with what it threw [A84]", async () => {
  const options = logged();
  const app = life(async (receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.complete" });
    throw BOOM;
  });
  const lifespan = await startLifespan(app, options);
  const error = await rejection(lifespan.shutdown());
  expect([error.message, error.cause]).toEqual(["The app's lifespan failed while it was serving", BOOM]);
  expect(options.lines).toEqual([["error", error.message, error]]);
});

test("without a log option the console has the report [A84]", async () => {
  const line = vi.spyOn(console, "error").mockImplementation(() => {});
  const app = life((_receive, send) => send({ type: "lifespan.startup.complete" }));
  await rejection((await startLifespan(app)).shutdown());
  expect(line.mock.calls).toEqual([
    [
      expect.stringMatching(
        /^tsgi error: The app left its lifespan while it was serving\n {2}GatewayError: .*\n {2}/,
      ),
    ],
  ]);
  line.mockRestore();
});

const MISPLACED: [event: SendEvent, during: "startup" | "serving" | "shutdown", code: string][] = [
  [{ type: "lifespan.shutdown.complete" }, "startup", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "lifespan.shutdown.failed" }, "startup", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "http.response.start", status: 200 }, "startup", "TSGI_ERR_UNSUPPORTED_SCOPE"],
  [{ type: "lifespan.startup" } as unknown as SendEvent, "startup", "TSGI_ERR_EVENT"],
  [{} as SendEvent, "startup", "TSGI_ERR_EVENT"],
  [null as unknown as SendEvent, "startup", "TSGI_ERR_EVENT"],
  [{ type: "lifespan.startup.failed", message: 1 } as unknown as SendEvent, "startup", "TSGI_ERR_EVENT"],
  [{ type: "lifespan.startup.complete" }, "serving", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "lifespan.startup.failed" }, "serving", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "lifespan.shutdown.complete" }, "serving", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "lifespan.shutdown.failed" }, "serving", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "http.response.start", status: 200 }, "serving", "TSGI_ERR_EVENT"],
  [{ type: "lifespan.startup.complete" }, "shutdown", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "lifespan.startup.failed" }, "shutdown", "TSGI_ERR_EVENT_ORDER"],
  [{ type: "http.response.body" }, "shutdown", "TSGI_ERR_EVENT"],
];

test.each(MISPLACED)(
  "%j during %s rejects, and the lifespan goes on [A85 A5]",
  async (event, during, code) => {
    const codes: unknown[] = [];
    const app = life(async (receive, send) => {
      const misplace = async (phase: string): Promise<void> => {
        if (phase === during) await send(event).catch((error: GatewayError) => codes.push(error.code));
      };
      await receive();
      await misplace("startup");
      await send({ type: "lifespan.startup.complete" });
      await misplace("serving");
      await receive();
      await misplace("shutdown");
      await send({ type: "lifespan.shutdown.complete" });
    });
    await (await startLifespan(app)).shutdown();
    expect(codes).toEqual([code]);
  },
);

test("an event after shutdown.complete rejects, and is no news to the log [A85]", async () => {
  const options = logged();
  const codes: unknown[] = [];
  const app = answering();
  const late: AsgiApp = async (scope, receive, send) => {
    await app(scope, receive, send);
    codes.push(await send({ type: "lifespan.shutdown.complete" }).catch((error: GatewayError) => error.code));
    await send({ type: "lifespan.startup.complete" });
  };
  await (await startLifespan(late, options)).shutdown();
  await isPending(Promise.resolve());
  expect([codes, options.lines]).toEqual([["TSGI_ERR_EVENT_ORDER"], []]);
});

test("extra keys in an event are ignored [A4]", async () => {
  const event = { type: "lifespan.startup.complete", took: 3 } as SendEvent;
  const lifespan = await startLifespan(
    life(async (receive, send) => {
      await send(event);
      await receive();
      await send({ type: "lifespan.shutdown.complete" });
    }),
  );
  await expect(lifespan.shutdown()).resolves.toBeUndefined();
});

test("what startup left, every request sees as a shallow copy, and shutdown gets the same object [A86 A24]", async () => {
  const pool = { open: 0 };
  let atStartup: unknown;
  let atShutdown: unknown;
  const app = life(async (receive, send, scope) => {
    await receive();
    atStartup = scope.state;
    Object.assign(scope.state as object, { pool });
    await send({ type: "lifespan.startup.complete" });
    await receive();
    atShutdown = scope.state;
    await send({ type: "lifespan.shutdown.complete" });
  });
  const lifespan = await startLifespan(app);
  const first = stateCopy(lifespan.state) as Record<string, unknown>;
  first["user"] = "ann";
  (first["pool"] as typeof pool).open = 1;
  expect(stateCopy(lifespan.state)).toEqual({ pool: { open: 1 } });
  await lifespan.shutdown();
  expect(atShutdown).toBe(atStartup);
});

test("without a lifespan there is no state to copy [A24]", () => expect(stateCopy(null)).toBeNull());

/** Starts an app that never answers, and gives the error, and whether it had come just before the time was over. */
async function timeOut(
  run: () => Promise<unknown>,
  timeout: number,
): Promise<[early: boolean, error: GatewayError]> {
  let settled = false;
  const error = rejection(run().finally(() => (settled = true)));
  await vi.advanceTimersByTimeAsync(timeout - 1);
  const early = settled;
  await vi.advanceTimersByTimeAsync(1);
  return [early, await error];
}

const mute = life((receive) => receive().then(receive));

test.each([
  [undefined, 60_000],
  [250, 250],
])(
  "a startup with startupTimeout %s is given up after %i ms, naming lifespan [A87]",
  async (option, timeout) => {
    vi.useFakeTimers();
    const options = option === undefined ? {} : { startupTimeout: option };
    const [early, error] = await timeOut(() => startLifespan(mute, options), timeout);
    expect([early, error.code]).toEqual([false, "TSGI_ERR_LIFESPAN_TIMEOUT"]);
    expect(error.message).toBe(`The app's lifespan startup took over ${timeout} ms`);
  },
);

test.each([
  [undefined, 60_000],
  [250, 250],
])(
  "a shutdown with shutdownTimeout %s is given up after %i ms, naming lifespan [A82 A87]",
  async (option, timeout) => {
    vi.useFakeTimers();
    const app = answering(undefined, () => new Promise(() => {}));
    const lifespan = await startLifespan(app, option === undefined ? {} : { shutdownTimeout: option });
    const [early, error] = await timeOut(() => lifespan.shutdown(), timeout);
    expect([early, error.code]).toEqual([false, "TSGI_ERR_LIFESPAN_TIMEOUT"]);
    expect(error.message).toBe(`The app's lifespan shutdown took over ${timeout} ms`);
  },
);

test("a startup in time leaves no timer behind [A87]", async () => {
  vi.useFakeTimers();
  await (await startLifespan(answering())).shutdown();
  expect(vi.getTimerCount()).toBe(0);
});

test("with an infinite timeout there is no timer [A87]", async () => {
  vi.useFakeTimers();
  const never = startLifespan(mute, { startupTimeout: Infinity });
  expect(vi.getTimerCount()).toBe(0);
  await expect(Promise.race([never, Promise.resolve("pending")])).resolves.toBe("pending");
});

test("an app that answers after it was given up is refused, and its own failure is logged [A85 A87]", async () => {
  vi.useFakeTimers();
  const options = logged({ startupTimeout: 1 });
  let wake!: () => void;
  const awake = new Promise<void>((resolve) => (wake = resolve));
  let code: unknown;
  const app = life(async (_receive, send) => {
    await awake;
    await send({ type: "lifespan.startup.complete" }).catch((error: GatewayError) => (code = error.code));
    throw BOOM;
  });
  await timeOut(() => startLifespan(app, options), 1);
  wake();
  await vi.runAllTimersAsync();
  expect(code).toBe("TSGI_ERR_EVENT_ORDER");
  expect(options.lines).toEqual([["error", "The app failed after its lifespan had ended", BOOM]]);
});

test.each([
  ["startupTimeout", 0],
  ["startupTimeout", -1],
  ["startupTimeout", Number.NaN],
  ["shutdownTimeout", 2 ** 31],
  ["startUpTimeout", 1],
])("%s: %s is refused before the app is called [A87]", async (name, value) => {
  const app = vi.fn<AsgiApp>();
  expect((await rejection(startLifespan(app, { [name]: value }))).code).toBe("TSGI_ERR_OPTION");
  expect(app).not.toHaveBeenCalled();
});

test("the longest timeout a timer can wait is accepted [A87]", async () => {
  await (await startLifespan(answering(), { startupTimeout: 2 ** 31 - 1 })).shutdown();
});

test("a mode that does not exist is refused [A81]", async () => {
  const mode = "of" as "off";
  expect((await rejection(startLifespan(answering(), { mode }))).code).toBe("TSGI_ERR_OPTION");
});
