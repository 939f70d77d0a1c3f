// lintAsgi faults an http app for each rule it can break, at the call that breaks it, and passes what is right.

import { expect, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp, type SendEvent } from "@tsgi/core";
import { LintError } from "./lint/lint-error.ts";
import { call, goodScope, rulesOf, sending } from "./lint/lint.test-support.ts";

const START = { type: "http.response.start", status: 200 };
const HELD = { ...START, headers: [["content-length", "3"]] };
const TRAILED = { ...START, trailers: true };
const MORE = { type: "http.response.body", body: "ab", more_body: true };
const END = { type: "http.response.body", body: "c" };
const HINT = { type: "http.response.early_hint", links: ["</a>"] };
const TRAILERS = { type: "http.response.trailers", headers: [["x-a", "1"]] };
const FILE = { type: "http.response.pathsend", path: "/srv/a" };
const PIECE = { type: "http.response.zerocopysend", file: 3 };
const PUSH = { type: "http.response.push", path: "/a", headers: [["accept", "*/*"]] };
const DEBUG = { type: "http.response.debug", info: { a: new Date(0) } };
const INTERIM = { type: "tsgi.informational", status: 102, headers: [["x-a", "1"]] };

function head(...headers: readonly unknown[]): object {
  return { ...START, headers };
}

const RIGHT: [what: string, events: object[]][] = [
  ["a response in one piece", [START, END]],
  ["defaults", [START, { type: "http.response.body" }]],
  [
    "pieces of bytes",
    [START, MORE, { ...MORE, body: new Uint8Array(1) }, { ...MORE, body: Buffer.of(1) }, END],
  ],
  [
    "keys that are undefined",
    [
      { ...START, headers: undefined },
      { ...END, more_body: undefined },
    ],
  ],
  [
    "keys nobody knows",
    [
      { ...START, x: [null, 1.5, { y: true }] },
      { ...END, z: "" },
    ],
  ],
  ["events without a prototype", [Object.assign(Object.create(null), START), END]],
  ["an exact content-length", [HELD, MORE, END]],
  ["the same content-length twice", [head(["content-length", "1"], ["content-length", "1"]), END]],
  ["a wish to close", [head(["connection", "close"]), END]],
  ["an announced trailer", [{ ...TRAILED, headers: [["trailer", "x-a"]] }, END, TRAILERS]],
  ["trailers in two events", [TRAILED, END, { ...TRAILERS, more_trailers: true }, { type: TRAILERS.type }]],
  ["a 304 with the length of what it stands for", [{ ...HELD, status: 304 }, { type: END.type }]],
  [
    "interim responses and facts before the start",
    [HINT, HINT, INTERIM, { ...INTERIM, status: 103 }, DEBUG, START, END],
  ],
  ["a reason phrase", [{ ...START, reason: "Fine" }, END]],
  ["a file as body", [HELD, FILE]],
  ["a file of Windows as body", [START, { ...FILE, path: "C:\\a" }]],
  ["a file and trailers", [TRAILED, FILE, TRAILERS]],
  [
    "pieces of files between pieces",
    [HELD, MORE, { ...PIECE, more_body: true }, { ...PIECE, file: { fd: 4 }, offset: 0, count: 9 }],
  ],
  ["a push", [START, PUSH, END]],
];

test.each(RIGHT)("nothing is found in %s [A94]", async (_what, events) => {
  const outcome = await call(sending(...events));
  expect(rulesOf(outcome)).toEqual([]);
  expect(outcome.error).toBeNull();
  expect(outcome.sent).toEqual(events);
});

const WRONG: [what: string, rule: string, events: object[]][] = [
  ["an event that is no object", "A3", ["http.response.start" as unknown as object]],
  [
    "an event that is of a class",
    "A3",
    [
      new (class {
        type = START.type;
        status = 200;
      })(),
    ],
  ],
  ["a Date in an event", "A3", [{ ...START, x: new Date(0) }]],
  ["a number that is not finite", "A3", [{ ...START, x: [NaN] }]],
  ["an integer that is not safe", "A3", [{ ...START, x: 2 ** 53 }]],
  ["a function in an event", "A3", [START, { ...END, x: { y: () => {} } }]],
  ["an unknown type of event", "A5", [{ type: "http.response.end" }]],
  ["an event without a type", "A5", [{ status: 200 }]],
  ["a start without a status", "A5", [{ type: START.type }]],
  ["a status in a string", "A5", [{ ...START, status: "200" }]],
  ["trailers that are no boolean", "A5", [{ ...START, trailers: 1 }]],
  ["a reason that is no string", "A5", [{ ...START, reason: 1 }]],
  ["headers in an object", "A5", [{ ...START, headers: { "x-a": "1" } }]],
  ["a header that is no pair", "A5", [head(["x-a", "1", "2"])]],
  ["a header value that is no string", "A5", [head(["x-a", 1])]],
  ["a body that is an array", "A5", [START, { ...END, body: [1] }]],
  ["more_body that is no boolean", "A5", [START, { ...END, more_body: 0 }]],
  ["a body after the last", "A9", [START, END, END]],
  ["a start after the last body", "A9", [START, END, START]],
  ["an early hint that is not offered", "A13", [HINT]],
  ["a status below 200", "A35", [{ ...START, status: 199 }]],
  ["a status above 999", "A35", [{ ...START, status: 1000 }]],
  ["a status with a fraction", "A35", [{ ...START, status: 200.5 }]],
  ["a second start", "A35", [START, START]],
  ["a body before the start", "A35", [END]],
  ["a header name that is no token", "A37", [head(["x a", "1"])]],
  ["a pseudo-header", "A37", [head([":status", "200"])]],
  ["a header name in upper case", "A37", [head(["X-A", "1"])]],
  ["a header value with a line end", "A37", [head(["x-a", "1\r\nx-b: 2"])]],
  ["a header value above 0xFF", "A37", [head(["x-a", "€"])]],
  ["a transfer-encoding", "A38", [head(["transfer-encoding", "chunked"])]],
  ["an upgrade", "A38", [head(["upgrade", "h2c"])]],
  ["a connection that is kept", "A38", [head(["connection", "keep-alive"])]],
  ["a trailer field without trailers", "A38", [head(["trailer", "x-a"])]],
  ["a content-length that is no number", "A40", [head(["content-length", "1, 1"])]],
  ["two content-lengths that differ", "A40", [head(["content-length", "1"], ["content-length", "2"])]],
  ["more body than content-length", "A40", [HELD, MORE, MORE]],
  ["less body than content-length", "A40", [HELD, END]],
  ["no response", "A44", []],
  ["a head without a body", "A44", [START]],
  ["a body without an end", "A44", [START, MORE]],
  ["a body with a 204", "A48", [{ ...START, status: 204 }, END]],
  ["a content-length with a 204", "A48", [{ ...HELD, status: 204 }]],
  ["links that are no list", "A5", [{ ...HINT, links: "</a>" }]],
  ["a link that is no string", "A5", [{ ...HINT, links: [1] }]],
  ["a link with a line end", "A51", [{ ...HINT, links: ["</a>\nx: 1"] }]],
  ["a link that ends with a line end", "A51", [{ ...HINT, links: ["</a>\n"] }]],
  ["an early hint after the start", "A51", [START, HINT]],
  ["an interim response after the start", "A51", [START, INTERIM]],
  ["an interim status that is final", "A5", [{ ...INTERIM, status: 200 }]],
  ["an interim status that switches protocols", "A5", [{ ...INTERIM, status: 101 }]],
  ["trailers before the last body", "A52", [TRAILED, MORE, TRAILERS]],
  ["trailers before the start", "A52", [TRAILERS]],
  ["a body where trailers are due", "A52", [TRAILED, END, END]],
  ["a trailer that frames", "A52", [TRAILED, END, { ...TRAILERS, headers: [["content-length", "1"]] }]],
  ["trailers that were not announced", "A53", [START, END, TRAILERS]],
  ["trailers that never come", "A53", [TRAILED, END]],
  ["a file with a relative path", "A54", [START, { ...FILE, path: "a" }]],
  ["a file after a piece of body", "A54", [START, MORE, FILE]],
  ["a body after a file", "A54", [START, FILE, END]],
  ["two files", "A54", [START, FILE, FILE]],
  ["a file before the start", "A35", [FILE]],
  ["a path that is no string", "A5", [START, { ...FILE, path: 1 }]],
  ["a piece of no file", "A55", [START, { ...PIECE, file: "/srv/a" }]],
  ["an offset below 0", "A55", [START, { ...PIECE, offset: -1 }]],
  ["a count that is no integer", "A55", [START, { ...PIECE, count: 1.5 }]],
  ["a piece of a file before the start", "A35", [PIECE]],
  ["a push before the start", "A56", [PUSH]],
  ["a push with a pseudo-header", "A56", [START, { ...PUSH, headers: [[":authority", "a"]] }]],
  ["facts given twice", "A57", [DEBUG, DEBUG]],
  ["facts after the start", "A57", [START, DEBUG]],
  ["facts that are no object", "A57", [{ ...DEBUG, info: 1 }]],
];

test.each(WRONG)("the app is at fault for %s [A94]", async (what, rule, events) => {
  const isOffered = !what.includes("not offered");
  const outcome = await call(sending(...events), { scope: goodScope(isOffered ? {} : { extensions: {} }) });
  expect(rulesOf(outcome)).toEqual([`${rule} app`]);
  expect(outcome.error).toBe(outcome.findings[0]);
  // All that came before the fault went through, and nothing of the fault itself.
  const isUnfinished = rule === "A44" || what === "trailers that never come";
  expect(outcome.sent).toEqual(isUnfinished ? events : events.slice(0, -1));
});

const RESULTS: [what: string, rule: string, app: () => unknown][] = [
  ["a value as result", "A1", async () => 1],
  ["a value as result without a promise", "A1", () => null],
  ["a function as result", "A14", () => () => {}],
];

test.each(RESULTS)("the app is at fault for %s [A94]", async (_what, rule, app) => {
  expect(rulesOf(await call(app as AsgiApp))).toEqual([`${rule} app`]);
});

test("an app that takes a scope of an unknown type is at fault, and one that throws is not [A94]", async () => {
  const scope = { type: "carrier-pigeon", asgi: { version: "3.0", spec_version: "1.0" } };
  expect(rulesOf(await call(() => {}, { scope }))).toEqual(["A6 app"]);
  const refusing: AsgiApp = ({ type }) => {
    throw new UnsupportedScopeError(type);
  };
  const outcome = await call(refusing, { scope: { ...scope } });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], new UnsupportedScopeError("carrier-pigeon")]);
});

test("a second receive while one waits is refused, and one after it is not [A33 A94]", async () => {
  const app: AsgiApp = async (scope, receive, send) => {
    const first = receive();
    await expect(receive()).rejects.toMatchObject({ rule: "A33", side: "app", code: "TSGI_ERR_LINT" });
    await first;
    await receive();
    await sending(START, END)(scope, receive, send);
  };
  const outcome = await call(app);
  expect([rulesOf(outcome), outcome.error]).toEqual([["A33 app"], null]);
});

test("what is sent after the whole response is refused under the lint [A9 A94]", async () => {
  const app: AsgiApp = async (scope, receive, send) => {
    await sending(START, END)(scope, receive, send);
    await expect(send(END as SendEvent)).rejects.toMatchObject({ rule: "A9", side: "app" });
  };
  const outcome = await call(app);
  expect([rulesOf(outcome), outcome.error, outcome.sent]).toEqual([["A9 app"], null, [START, END]]);
});

test("after a fault the app may send what is right [A94]", async () => {
  const app: AsgiApp = async (scope, receive, send) => {
    await expect(send({ type: "http.response.start", status: 1 })).rejects.toThrow(LintError);
    await sending(START, END)(scope, receive, send);
  };
  const outcome = await call(app);
  expect([rulesOf(outcome), outcome.error, outcome.sent]).toEqual([["A35 app"], null, [START, END]]);
});

test("a fault that the app does not await is reported, and leaves no rejection behind [A94]", async () => {
  const outcome = await call((scope, receive, send) => {
    void send({ type: "http.response.start", status: 1 });
    return sending(START, END)(scope, receive, send);
  });
  expect([rulesOf(outcome), outcome.error]).toEqual([["A35 app"], null]);
});

test("the message names the rule, the side and what was seen [A94]", async () => {
  const { error } = await call(sending({ ...START, status: 42 }));
  expect(error).toBeInstanceOf(LintError);
  expect((error as LintError).message).toBe(
    "A35, app at fault: the status of a response is an integer from 200 to 999, not 42",
  );
});

test("an app that returns nothing at once is as good as one that returns a promise [A94]", async () => {
  const outcome = await call((_scope, _receive, send) => {
    void send(START as SendEvent);
    void send(END as SendEvent);
  });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});

test("what an app throws is passed on as it is [A94]", async () => {
  const error = new TypeError("mine");
  const thrown = await call(() => {
    throw error;
  });
  const rejected = await call(() => Promise.reject(error));
  expect([thrown.error, rejected.error, rulesOf(thrown), rulesOf(rejected)]).toEqual([error, error, [], []]);
});

test("headers may be any iterable, which is walked once [A94]", async () => {
  function* headers(): Generator<[string, string]> {
    yield ["x-a", "1"];
  }
  const outcome = await call(sending({ ...START, headers: headers() }, END));
  expect([rulesOf(outcome), outcome.sent[0]]).toEqual([[], { ...START, headers: [["x-a", "1"]] }]);
});

test("header names may be in any case where the lint is told so [A94]", async () => {
  const outcome = await call(sending(head(["X-A", "1"]), END), { options: { headerCase: "any" } });
  expect(outcome.error).toBeNull();
});

test("an app whose client left may return as it is [A94]", async () => {
  const left = await call(async (_scope, receive) => void (await receive()), {
    scope: goodScope({ signal: AbortSignal.abort() }),
    events: [{ type: "http.disconnect" }],
  });
  const aborted = await call(sending(START), { scope: goodScope({ signal: AbortSignal.abort() }) });
  const refused = await call((_scope, _receive, send) => send(START as SendEvent).catch(() => {}), {
    send: () => Promise.reject(Object.assign(new Error("gone"), { code: "ECONNRESET" })),
  });
  expect([left, aborted, refused].map((outcome) => [rulesOf(outcome), outcome.error])).toEqual([
    [[], null],
    [[], null],
    [[], null],
  ]);
});

test("what an app writes into its scope changes nothing for the lint, until it returns [A94]", async () => {
  const outcome = await call((scope, receive, send) => {
    Object.assign(scope, { method: "HEAD", extensions: {}, headers: [["content-length", "9"]] });
    return sending(HINT, HELD, MORE, END)(scope, receive, send);
  });
  expect([rulesOf(outcome), outcome.sent.length]).toEqual([["A11 app"], 4]);
});

test("bytes beyond the content-length of a HEAD are not counted [A94]", async () => {
  const outcome = await call(sending(HELD, END), { scope: goodScope({ method: "HEAD" }) });
  expect(outcome.error).toBeNull();
});
