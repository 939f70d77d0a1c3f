// lintAsgi faults app and server for each rule of lifespan that shows between them, and for the state that requests get.

import { expect, test } from "vitest";
import { UnsupportedScopeError, startLifespan, type AsgiApp, type SendEvent } from "@tsgi/core";
import { lintAsgi } from "./lint-asgi.ts";
import type { LintError } from "./lint/lint-error.ts";
import {
  call,
  callBare,
  goodLifespanScope,
  goodScope,
  goodWebSocketScope,
  rulesOf,
} from "./lint/lint.test-support.ts";
import { createTestClient } from "./test-client.ts";

const UP = { type: "lifespan.startup" };
const DOWN = { type: "lifespan.shutdown" };
const READY = { type: "lifespan.startup.complete" };
const FAILED = { type: "lifespan.startup.failed", message: "no" };
const DONE = { type: "lifespan.shutdown.complete" };
const UNDONE = { type: "lifespan.shutdown.failed" };

/** Receives where it is told to, and sends the rest. */
function steps(...each: readonly (object | "receive")[]): AsgiApp {
  return async (_scope, receive, send) => {
    for (const step of each) await (step === "receive" ? receive() : send(step as SendEvent));
  };
}

const good = steps("receive", READY, "receive", DONE);

const RIGHT: [what: string, app: AsgiApp][] = [
  ["a startup and a shutdown", good],
  ["a startup that fails", steps("receive", FAILED)],
  ["a shutdown that fails", steps("receive", READY, "receive", UNDONE)],
  ["a return that says there is no lifespan", steps()],
];

test.each(RIGHT)("nothing is found in %s [A94]", async (_what, app) => {
  const outcome = await call(app, { scope: goodLifespanScope(), events: [UP, DOWN] });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});

const WRONG: [what: string, rule: string, app: AsgiApp][] = [
  ["an event that is no object", "A3", steps("receive", 1 as unknown as object)],
  ["a Date in an event", "A3", steps("receive", { ...READY, x: new Date(0) })],
  ["a message that is no string", "A5", steps("receive", { ...FAILED, message: 1 })],
  ["a startup without an answer", "A81", steps("receive")],
  ["an answer to the startup before the startup", "A85", steps(READY)],
  ["two answers to the startup", "A85", steps("receive", READY, READY)],
  ["an answer to the shutdown before the shutdown", "A85", steps("receive", READY, DONE)],
  ["two answers to the shutdown", "A85", steps("receive", READY, "receive", DONE, UNDONE)],
  ["an event of http", "A85", steps("receive", { type: "http.response.start", status: 200 })],
  ["a return while the server serves", "A84", steps("receive", READY)],
  ["a shutdown without an answer", "A82", steps("receive", READY, "receive")],
];

test.each(WRONG)("the app is at fault for %s [A94]", async (_what, rule, app) => {
  const outcome = await call(app, { scope: goodLifespanScope(), events: [UP, DOWN] });
  expect(rulesOf(outcome)).toEqual([`${rule} app`]);
  expect(outcome.error).toBe(outcome.findings[0]);
});

const FAULTS: [what: string, rule: string, events: object[], changes?: object][] = [
  ["a first event that is no startup", "A79", [{ type: "http.request" }, DOWN]],
  ["an event that is no object", "A79", ["x" as unknown as object, DOWN]],
  ["a second startup while serving", "A83", [UP, UP]],
  ["a state that is missing", "A79", [UP, DOWN], { state: undefined }],
  [
    "the version of another specification",
    "A2",
    [UP, DOWN],
    { asgi: { version: "3.0", spec_version: "2.5" } },
  ],
];

test.each(FAULTS)("the server is at fault for %s [A94]", async (_what, rule, events, changes) => {
  const outcome = await call(good, { scope: goodLifespanScope(changes), events });
  expect(rulesOf(outcome)[0]).toBe(`${rule} server`);
});

test("a shutdown before the startup is answered is the server's fault [A94]", async () => {
  const app = steps("receive", "receive", READY);
  const outcome = await call(app, { scope: goodLifespanScope(), events: [UP, DOWN] });
  expect(rulesOf(outcome)[0]).toBe("A83 server");
});

test("an answer that the server refuses is the server's fault [A94]", async () => {
  const send = (): Promise<never> => Promise.reject(new Error("no"));
  const outcome = await call(good, { scope: goodLifespanScope(), events: [UP, DOWN], send });
  expect(rulesOf(outcome)).toEqual(["A5 server"]);
});

/** An app with a lifespan that puts a key into the state, and a gate in its startup. */
function gated(): { app: AsgiApp; findings: LintError[]; open: () => void } {
  const findings: LintError[] = [];
  let open!: () => void;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type === "websocket") return await send({ type: "websocket.close" });
    if (scope.type === "http") {
      await send({ type: "http.response.start", status: 200 });
      return await send({ type: "http.response.body" });
    }
    await receive();
    await gate;
    Object.assign(scope.state as object, { db: "db" });
    await send(READY as SendEvent);
    await receive();
    await send(DONE as SendEvent);
  };
  return { app: lintAsgi(app, { report: (finding) => findings.push(finding) }), findings, open };
}

test("a connection before the startup is complete is the server's fault [A94]", async () => {
  const { app, findings, open } = gated();
  const lifespan = startLifespan(app);
  await callBare(app, { scope: goodScope() });
  expect(findings.map(({ rule, side }) => `${rule} ${side}`)).toEqual(["A79 server"]);
  open();
  await (await lifespan).shutdown();
});

const STATES: [what: string, rule: string, state: unknown][] = [
  ["no state after a startup", "A86", null],
  ["a state that lacks a key of the startup", "A86", {}],
  ["a state with another value", "A86", { db: "other" }],
];

test.each(STATES)("the server is at fault for %s [A94]", async (_what, rule, state) => {
  const { app, findings, open } = gated();
  open();
  const lifespan = await startLifespan(app);
  await callBare(app, { scope: goodScope({ state }) });
  await callBare(app, { scope: goodWebSocketScope({ state: state === null ? null : { ...state } }) });
  expect(findings.map((finding) => `${finding.rule} ${finding.side}`)).toEqual([
    `${rule} server`,
    `${rule} server`,
  ]);
  await lifespan.shutdown();
});

test("the state of the lifespan itself is no copy [A94]", async () => {
  const { app, findings, open } = gated();
  open();
  const lifespan = await startLifespan(app);
  await callBare(app, { scope: goodScope({ state: lifespan.state }) });
  expect(findings.map(({ rule }) => rule)).toEqual(["A24"]);
  await lifespan.shutdown();
});

test("nothing is found over a whole life under a host of ours [A94]", async () => {
  const { app, findings, open } = gated();
  open();
  const client = await createTestClient(app, { lifespan: "on" }).start();
  await client.get("/");
  await client.get("/");
  await client.stop();
  await client.get("/");
  expect(findings).toEqual([]);
});

test.each(["throws", "returns"])(
  "an app that %s on lifespan has none, and no state is asked for [A94]",
  async (how) => {
    const findings: LintError[] = [];
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http" && how === "throws") throw new UnsupportedScopeError(scope.type);
      if (scope.type !== "http") return;
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body" });
    };
    const linted = lintAsgi(app, { report: (finding) => findings.push(finding) });
    const client = await createTestClient(linted).start();
    await client.get("/");
    expect(findings).toEqual([]);
  },
);
