// The communicator hands a test both ends of an app: what it receives, what it sends, and how it ends.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ClientDisconnected, type AsgiApp, type HttpScope, type SendEvent } from "@tsgi/core";
import { goodLifespanScope, goodScope, goodWebSocketScope } from "../lint/lint.test-support.ts";
import { createCommunicator } from "./communicator.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const READY = { type: "lifespan.startup.complete" } as const;
const DONE = { type: "lifespan.shutdown.complete" } as const;

/** Answers each event of a lifespan. */
const lifespanApp: AsgiApp = async (_scope, receive, send) => {
  await receive();
  await send(READY);
  await receive();
  await send(DONE);
};

/** Waits for an event that never comes. */
const waiting: AsgiApp = async (_scope, receive) => void (await receive());

test("an app is given events and its own are taken, in order [A93]", async () => {
  const communicator = createCommunicator(lifespanApp, goodLifespanScope());
  await communicator.sendInput({ type: "lifespan.startup" });
  expect(await communicator.receiveOutput()).toEqual(READY);
  await communicator.sendInput({ type: "lifespan.shutdown" });
  expect(await communicator.receiveOutput()).toEqual(DONE);
  await communicator.wait();
});

test("events that were given ahead wait for the app [A93]", async () => {
  const communicator = createCommunicator(lifespanApp, goodLifespanScope());
  await communicator.sendInput({ type: "lifespan.startup" });
  await communicator.sendInput({ type: "lifespan.shutdown" });
  await communicator.wait();
  expect([await communicator.receiveOutput(), await communicator.receiveOutput()]).toEqual([READY, DONE]);
});

test("a websocket app can be talked to [A93]", async () => {
  const app: AsgiApp = async (_scope, receive, send) => {
    await receive();
    await send({ type: "websocket.accept" });
    for (let event = await receive(); event.type === "websocket.receive"; event = await receive()) {
      await send({ type: "websocket.send", text: event.text });
    }
  };
  const communicator = createCommunicator(app, goodWebSocketScope());
  await communicator.sendInput({ type: "websocket.connect" });
  expect(await communicator.receiveOutput()).toEqual({ type: "websocket.accept" });
  await communicator.sendInput({ type: "websocket.receive", text: "x", bytes: null });
  expect(await communicator.receiveOutput()).toEqual({ type: "websocket.send", text: "x" });
  await communicator.sendInput({ type: "websocket.disconnect", code: 1000, reason: "" });
  await communicator.wait();
});

test("an app that sends nothing is seen to [A93]", async () => {
  const communicator = createCommunicator(lifespanApp, goodLifespanScope());
  const nothing = communicator.receiveNothing();
  await vi.advanceTimersByTimeAsync(100);
  expect(await nothing).toBe(true);
  await communicator.sendInput({ type: "lifespan.startup" });
  expect(await communicator.receiveNothing()).toBe(false);
  expect(await communicator.receiveOutput()).toEqual(READY);
});

test("nothing comes of an app that has returned, at once [A93]", async () => {
  const communicator = createCommunicator(() => {}, goodLifespanScope());
  expect(await communicator.receiveNothing()).toBe(true);
  await expect(communicator.receiveOutput()).rejects.toMatchObject({ code: "TSGI_ERR_NO_RESPONSE" });
});

test("what the app throws is thrown at the next call, once [A93]", async () => {
  const app: AsgiApp = () => Promise.reject(new TypeError("broken"));
  await expect(createCommunicator(app, goodScope()).receiveOutput()).rejects.toThrow("broken");
  await expect(createCommunicator(app, goodScope()).wait()).rejects.toThrow("broken");
  await expect(createCommunicator(app, goodScope()).receiveNothing()).rejects.toThrow("broken");
  const late = createCommunicator(app, goodScope());
  await Promise.resolve();
  await Promise.resolve();
  await expect(late.sendInput({ type: "http.disconnect" })).rejects.toThrow("broken");
  expect(() => late.stop()).not.toThrow();
});

test("events sent before the throw come first [A93]", async () => {
  const app: AsgiApp = async (_scope, _receive, send) => {
    await send(READY);
    throw new TypeError("broken");
  };
  const communicator = createCommunicator(app, goodLifespanScope());
  expect(await communicator.receiveOutput()).toEqual(READY);
  await expect(communicator.receiveOutput()).rejects.toThrow("broken");
});

test("a limit that passes stops the app [A93]", async () => {
  let signal!: AbortSignal;
  const outcome: unknown[] = [];
  const app: AsgiApp = async (scope, _receive, send) => {
    ({ signal } = scope as HttpScope);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await send(READY as SendEvent).catch((error: unknown) => outcome.push(error));
  };
  const communicator = createCommunicator(app, goodScope());
  const output = communicator.receiveOutput(50);
  const failed = expect(output).rejects.toMatchObject({ code: "TSGI_ERR_TIMEOUT" });
  await vi.advanceTimersByTimeAsync(49);
  expect(signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await failed;
  expect(signal.reason).toBeInstanceOf(ClientDisconnected);
  await communicator.wait();
  expect(outcome).toEqual([expect.any(ClientDisconnected)]);
});

test("the limit of waiting for the end is an option, of 1000 ms by default [A93]", async () => {
  const byDefault = expect(createCommunicator(waiting, goodScope()).wait()).rejects.toThrow("within 1000 ms");
  await vi.advanceTimersByTimeAsync(1000);
  await byDefault;
  const own = expect(createCommunicator(waiting, goodScope(), { timeout: 5 }).wait()).rejects.toThrow(
    "within 5 ms",
  );
  await vi.advanceTimersByTimeAsync(5);
  await own;
});

test("a stopped app is given nothing more, and may throw that the client left [A93]", async () => {
  const seen: string[] = [];
  const app: AsgiApp = async (scope, receive) => {
    const { signal } = scope as HttpScope;
    void receive().then(({ type }) => seen.push(type));
    await new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error)),
    );
  };
  const communicator = createCommunicator(app, goodScope());
  communicator.stop();
  await communicator.sendInput({ type: "http.disconnect" });
  await communicator.wait();
  expect(seen).toEqual([]);
});

test("stop throws what the app threw, unless it is told not to [A93]", async () => {
  const app: AsgiApp = () => Promise.reject(new TypeError("broken"));
  const [first, second] = [createCommunicator(app, goodScope()), createCommunicator(app, goodScope())];
  await Promise.resolve();
  await Promise.resolve();
  expect(() => first.stop()).toThrow("broken");
  expect(() => second.stop("ignore")).not.toThrow();
});

test("1024 events may wait either way, and one more is refused [A93]", async () => {
  const communicator = createCommunicator(() => new Promise(() => {}), goodScope());
  for (let left = 1024; left > 0; left -= 1) await communicator.sendInput({ type: "http.disconnect" });
  await expect(communicator.sendInput({ type: "http.disconnect" })).rejects.toMatchObject({
    code: "TSGI_ERR_SEND_OVERFLOW",
  });
  const app: AsgiApp = async (_scope, _receive, send) => {
    for (let left = 1025; left > 0; left -= 1) await send(READY);
  };
  await expect(createCommunicator(app, goodScope()).wait()).rejects.toMatchObject({
    code: "TSGI_ERR_SEND_OVERFLOW",
  });
});
