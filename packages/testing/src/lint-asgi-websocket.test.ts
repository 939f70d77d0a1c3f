// lintAsgi faults app and server for each rule of websocket that shows between them.

import { expect, test } from "vitest";
import { ClientDisconnected, GatewayError, type AsgiApp, type SendEvent } from "@tsgi/core";
import { call, goodWebSocketScope, rulesOf, sending, type TestedCall } from "./lint/lint.test-support.ts";

const ACCEPT = { type: "websocket.accept" };
const SEND = { type: "websocket.send", text: "" };
const CLOSE = { type: "websocket.close" };
const REFUSE = { type: "websocket.http.response.start", status: 403 };
const BODY = { type: "websocket.http.response.body", body: "no" };

const CONNECT = { type: "websocket.connect" };
const TEXT = { type: "websocket.receive", text: "x", bytes: null };
const END = { type: "websocket.disconnect", code: 1005, reason: "" };

const RIGHT: [what: string, events: object[]][] = [
  ["an accept and a return", [ACCEPT]],
  ["a subprotocol and headers", [{ ...ACCEPT, subprotocol: "b", headers: [["set-cookie", "a=1"]] }, CLOSE]],
  [
    "a message of text and one of bytes",
    [ACCEPT, SEND, { type: SEND.type, bytes: new Uint8Array(0), text: null }],
  ],
  ["a close with code and reason", [ACCEPT, { ...CLOSE, code: 4999, reason: "x".repeat(123) }]],
  ["a refusal", [CLOSE]],
  ["a refusal with a response", [REFUSE, { ...BODY, more_body: true }, BODY]],
];

test.each(RIGHT)("nothing is found in %s over a websocket [A94]", async (_what, events) => {
  const outcome = await call(sending(...events), { scope: goodWebSocketScope() });
  expect([rulesOf(outcome), outcome.error, outcome.sent]).toEqual([[], null, events]);
});

const WRONG: [what: string, rule: string, events: object[]][] = [
  ["an event that is no object", "A3", [null as unknown as object]],
  ["a Date in an event", "A3", [{ ...ACCEPT, x: new Date(0) }]],
  ["an event of http", "A5", [{ type: "http.response.start", status: 200 }]],
  ["a subprotocol that is no string", "A5", [{ ...ACCEPT, subprotocol: 1 }]],
  ["text in bytes", "A5", [ACCEPT, { ...SEND, text: new Uint8Array(1) }]],
  ["bytes in a string", "A5", [ACCEPT, { type: SEND.type, bytes: "x" }]],
  ["a reason that is no string", "A5", [ACCEPT, { ...CLOSE, reason: 1 }]],
  ["more_body that is no boolean", "A5", [REFUSE, { ...BODY, more_body: 1 }]],
  ["a body that is a number", "A5", [REFUSE, { ...BODY, body: 1 }]],
  ["a second close", "A9", [ACCEPT, CLOSE, CLOSE]],
  ["a response that is not offered", "A13", [REFUSE]],
  ["a header of a refusal in upper case", "A37", [{ ...REFUSE, headers: [["X-A", "1"]] }]],
  ["a subprotocol the client did not offer", "A62", [{ ...ACCEPT, subprotocol: "c" }]],
  ["a subprotocol among the headers", "A62", [{ ...ACCEPT, headers: [["sec-websocket-protocol", "a"]] }]],
  ["a pseudo-header", "A62", [{ ...ACCEPT, headers: [[":status", "101"]] }]],
  ["a second accept", "A62", [ACCEPT, ACCEPT]],
  ["an accept after a response", "A64", [REFUSE, ACCEPT]],
  ["a response after the accept", "A64", [ACCEPT, REFUSE]],
  ["a second response", "A64", [REFUSE, REFUSE]],
  ["a body without a response", "A64", [BODY]],
  ["a close within a response", "A64", [REFUSE, CLOSE]],
  ["a refusal that switches protocols", "A64", [{ ...REFUSE, status: 101 }]],
  ["a refusal without a body", "A64", [REFUSE]],
  ["a refusal without an end", "A64", [REFUSE, { ...BODY, more_body: true }]],
  ["a message before the accept", "A66", [SEND]],
  ["a message after the close", "A66", [ACCEPT, CLOSE, SEND]],
  ["a message with text and bytes", "A66", [ACCEPT, { ...SEND, bytes: new Uint8Array(1) }]],
  ["a message with neither", "A66", [ACCEPT, { type: SEND.type }]],
  ["a close code that is never sent", "A68", [ACCEPT, { ...CLOSE, code: 1006 }]],
  ["a close code below 1000", "A68", [ACCEPT, { ...CLOSE, code: 999 }]],
  ["a close code above 4999", "A68", [ACCEPT, { ...CLOSE, code: 5000 }]],
  ["a reason of more than 123 bytes", "A68", [ACCEPT, { ...CLOSE, reason: `é${"x".repeat(122)}` }]],
  ["no answer", "A72", []],
];

test.each(WRONG)("the websocket app is at fault for %s [A94]", async (what, rule, events) => {
  const isOffered = !what.includes("not offered");
  const scope = goodWebSocketScope(isOffered ? {} : { extensions: {} });
  const outcome = await call(sending(...events), { scope });
  expect(rulesOf(outcome)).toEqual([`${rule} app`]);
  expect(outcome.error).toBe(outcome.findings[0]);
});

const receiving: AsgiApp = async (_scope, receive, send) => {
  await receive();
  await send(ACCEPT as SendEvent);
  await receive();
  await receive();
};

const FAULTS: [what: string, rule: string, tested: TestedCall][] = [
  ["a scheme of http", "A59", { scope: goodWebSocketScope({ scheme: "http" }) }],
  ["the version 1.0", "A59", { scope: goodWebSocketScope({ http_version: "1.0" }) }],
  ["a method", "A59", { scope: goodWebSocketScope({ method: "GET" }) }],
  ["subprotocols in a string", "A59", { scope: goodWebSocketScope({ subprotocols: "a, b" }) }],
  ["a subprotocol with a blank", "A59", { scope: goodWebSocketScope({ subprotocols: ["a", " b"] }) }],
  ["a query that is missing", "A20", { scope: goodWebSocketScope({ query_string: undefined }) }],
  ["an event that is no object", "A3", { events: [CONNECT, "x", END] }],
  ["a first event that is no connect", "A61", { events: [TEXT, TEXT, END] }],
  ["a second connect", "A61", { events: [CONNECT, CONNECT, END] }],
  ["a message without bytes", "A65", { events: [CONNECT, { type: TEXT.type, text: "x" }, END] }],
  ["a message with text and bytes", "A65", { events: [CONNECT, { ...TEXT, bytes: new Uint8Array(1) }, END] }],
  ["a disconnect without a code", "A69", { events: [CONNECT, TEXT, { type: END.type }] }],
  ["a message after the disconnect", "A69", { events: [CONNECT, END, TEXT] }],
  ["another code after the disconnect", "A69", { events: [CONNECT, END, { ...END, code: 1006 }] }],
  ["a refusal of what is right", "A5", { events: [CONNECT, TEXT, END], send: refuse }],
];

function refuse(): Promise<never> {
  return Promise.reject(new GatewayError("TSGI_ERR_EVENT", "no"));
}

test.each(FAULTS)("the websocket server is at fault for %s [A94]", async (_what, rule, tested) => {
  const outcome = await call(receiving, {
    events: [CONNECT, TEXT, END],
    scope: goodWebSocketScope(),
    ...tested,
  });
  expect(rulesOf(outcome)).toEqual([`${rule} server`]);
});

test("nothing is found where a websocket server does as it should [A94]", async () => {
  const outcome = await call(receiving, { events: [CONNECT, TEXT, END], scope: goodWebSocketScope() });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});

test("a message before the answer to the handshake is the server's fault [A94]", async () => {
  const app: AsgiApp = async (_scope, receive, send) => {
    await receive();
    await receive();
    await send(CLOSE as SendEvent);
  };
  const outcome = await call(app, { events: [CONNECT, TEXT], scope: goodWebSocketScope() });
  expect(rulesOf(outcome)).toEqual(["A61 server"]);
});

test("a send that takes what comes after the disconnect is the server's fault [A94]", async () => {
  const app: AsgiApp = async (scope, receive, send) => {
    await receiving(scope, receive, send);
    await send(SEND as SendEvent);
  };
  const tested = { events: [CONNECT, TEXT, END], scope: goodWebSocketScope() };
  expect(rulesOf(await call(app, tested))).toEqual(["A70 server"]);
  let left = 1;
  const send = (): Promise<void> =>
    left-- > 0 ? Promise.resolve() : Promise.reject(new ClientDisconnected());
  const scope = goodWebSocketScope();
  expect((await call(app, { ...tested, scope, send })).findings).toEqual([]);
});

test("an app that was told of the disconnect may return as it is [A94]", async () => {
  const app: AsgiApp = async (_scope, receive) => {
    await receive();
    await receive();
  };
  const outcome = await call(app, { events: [CONNECT, END], scope: goodWebSocketScope() });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});
