// lintAsgi faults the server for each rule of http that shows between it and an app.

import { expect, test } from "vitest";
import { ClientDisconnected, GatewayError, type AsgiApp, type HttpScope, type SendEvent } from "@tsgi/core";
import { lintAsgi } from "./lint-asgi.ts";
import { LintError } from "./lint/lint-error.ts";
import {
  BODY,
  call,
  callBare,
  goodScope,
  rulesOf,
  sending,
  type TestedCall,
} from "./lint/lint.test-support.ts";

const REPLY = [{ type: "http.response.start", status: 200 }, { type: "http.response.body" }];
const reply = sending(...REPLY);

/** Receives three events, whatever they are, and replies. */
const reader: AsgiApp = async (scope, receive, send) => {
  for (let left = 3; left > 0; left -= 1) await receive();
  await reply(scope, receive, send);
};

/** Receives until the body is over, replies, and receives the disconnect twice. */
const thorough: AsgiApp = async (scope, receive, send) => {
  await receive();
  await receive();
  await reply(scope, receive, send);
  await receive();
  await receive();
};

const GONE = { type: "http.disconnect" };
const ASGI = { version: "3.0", spec_version: "2.5" };
const SCOPE_FAULTS: [what: string, rule: string, changes: Partial<Record<keyof HttpScope, unknown>>][] = [
  ["asgi that is missing", "A2", { asgi: undefined }],
  ["another version of ASGI", "A2", { asgi: { ...ASGI, version: "2.0" } }],
  ["another version of the specification", "A2", { asgi: { ...ASGI, spec_version: "2.3" } }],
  ["a type that is no string", "A2", { type: 1 }],
  ["extensions that are missing", "A12", { extensions: undefined }],
  ["extensions of a class", "A12", { extensions: new Map() }],
  ["an extension that is no object", "A12", { extensions: { "http.response.trailers": true } }],
  ["the version 2.0", "A15", { http_version: "2.0" }],
  ["a method in lower case", "A16", { method: "post" }],
  ["a method that is no token", "A16", { method: "" }],
  ["a scheme that is no scheme of http", "A17", { scheme: "ws" }],
  ["a path without a slash", "A18", { path: "a b", raw_path: null }],
  ["a path that is decoded twice", "A18", { path: "/%", raw_path: "/%2525" }],
  ["a path that is not decoded", "A18", { path: "/a%20b" }],
  ["a raw path in bytes", "A19", { raw_path: new Uint8Array(1) }],
  ["a raw path with the query", "A19", { raw_path: "/a%20b?q=1" }],
  ["a raw path above 0xFF", "A19", { raw_path: "/€" }],
  ["a query that is missing", "A20", { query_string: undefined }],
  ["a query above 0xFF", "A20", { query_string: "€" }],
  ["a mount prefix that ends with a slash", "A21", { root_path: "/a/" }],
  ["a path without its mount prefix", "A21", { root_path: "/mnt", raw_path: null }],
  ["headers in an object", "A22", { headers: {} }],
  ["a header that is no pair", "A22", { headers: [["a"]] }],
  ["a header name in upper case", "A22", { headers: [["Host", "a"]] }],
  ["a pseudo-header", "A22", { headers: [[":authority", "a"]] }],
  ["a header value with blanks around", "A22", { headers: [["host", " a"]] }],
  ["a header value with a line end", "A22", { headers: [["host", "a\nb"]] }],
  ["raw headers in pairs", "A22", { rawHeaders: [["Host"]] }],
  ["a client that is missing", "A23", { client: undefined }],
  ["a client's port in a string", "A23", { client: ["127.0.0.1", "80"] }],
  ["a client's port that is null", "A23", { client: ["127.0.0.1", null] }],
  ["an address in brackets", "A23", { server: ["[::1]", 80] }],
  ["an address with a zone", "A23", { client: ["fe80::1%eth0", 80] }],
  ["a state that is missing", "A24", { state: undefined }],
  ["push on HTTP/1.1", "A56", { http_version: "1.1" }],
  [
    "a tls extension with a key missing",
    "A58",
    { extensions: { tls: { ...tls(), cipher_suite: undefined } } },
  ],
  ["an empty error of a certificate", "A58", { extensions: { tls: { ...tls(), client_cert_error: "" } } }],
  [
    "a chain of certificates in a string",
    "A58",
    { extensions: { tls: { ...tls(), client_cert_chain: "" } } },
  ],
  ["a cipher of more than 16 bits", "A58", { extensions: { tls: { ...tls(), cipher_suite: 65_536 } } }],
];

function tls(): object {
  return {
    server_cert: null,
    client_cert_chain: [],
    client_cert_name: null,
    client_cert_error: null,
    tls_version: 0x0304,
    cipher_suite: null,
  };
}

test.each(SCOPE_FAULTS)("the server is at fault for %s [A94]", async (_what, rule, changes) => {
  const app: AsgiApp = (scope, receive, send) =>
    scope.type === "http" ? reply(scope, receive, send) : undefined;
  const outcome = await call(app, { scope: goodScope(changes) });
  expect(rulesOf(outcome).filter((found) => found !== "A6 app")).toEqual([`${rule} server`]);
});

const RIGHT_SCOPES: [what: string, changes: Partial<Record<keyof HttpScope, unknown>>][] = [
  [
    "what a host knows least",
    { raw_path: null, client: null, server: null, rawHeaders: null, extensions: {} },
  ],
  ["a unix socket", { server: ["/run/app.sock", null] }],
  ["the asterisk of OPTIONS", { method: "OPTIONS", path: "*", raw_path: "*" }],
  ["a mount prefix that a proxy took off", { root_path: "/m", path: "/m/a b" }],
  ["the mount prefix itself", { root_path: "/m", path: "/m", raw_path: "/m" }],
  ["TLS", { scheme: "https", extensions: { tls: tls() } }],
  ["a method nobody knows", { method: "BREW" }],
  ["keys of a middleware", { user: { id: 1 } } as object],
];

test.each(RIGHT_SCOPES)("nothing is found in a scope with %s [A94]", async (_what, changes) => {
  const outcome = await call(reply, { scope: goodScope(changes) });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});

test("a scope of a class is the server's fault [A94]", async () => {
  const scope = Object.assign(Object.create({ inherited: true }), goodScope());
  expect(rulesOf(await call(reply, { scope }))).toEqual(["A2 server"]);
});

test("a scope without a signal is the server's fault [A94]", async () => {
  const { signal: _signal, ...scope } = goodScope();
  expect(rulesOf(await call(reply, { scope }))).toEqual(["A34 server"]);
});

const CALL_FAULTS: [what: string, rule: string, app: AsgiApp, tested: TestedCall][] = [
  ["an event that is no object", "A3", reader, { events: [1, ...BODY, GONE] }],
  ["an event that is of a class", "A3", reader, { events: [Object.assign(new Date(0), BODY[0]), ...BODY] }],
  ["an event of another scope", "A27", reader, { events: [{ type: "lifespan.startup" }, ...BODY] }],
  [
    "a request event without more_body",
    "A27",
    reader,
    { events: [{ type: "http.request", body: new Uint8Array(0) }, ...BODY] },
  ],
  [
    "a body in a string",
    "A27",
    reader,
    { events: [{ type: "http.request", body: "x", more_body: true }, ...BODY] },
  ],
  [
    "an empty piece though more follows",
    "A28",
    reader,
    { events: [{ type: "http.request", body: new Uint8Array(0), more_body: true }, ...BODY] },
  ],
  [
    "a body after its end",
    "A30",
    reader,
    { events: [...BODY, { type: "http.request", body: new Uint8Array(0), more_body: true }] },
  ],
  [
    "a body that is cut and looks whole",
    "A31",
    reader,
    {
      events: [{ ...(BODY[0] as object), more_body: false }, GONE, GONE],
      scope: goodScope({ signal: AbortSignal.abort() }),
      send: gone,
    },
  ],
  [
    "a body after the disconnect",
    "A30",
    reader,
    { events: [GONE, ...BODY], scope: goodScope({ signal: AbortSignal.abort() }), send: gone },
  ],
  ["a disconnect without an aborted signal", "A34", reader, { events: [GONE, GONE, GONE], send: gone }],
  ["a receive that rejects", "A30", reader, { receive: () => Promise.reject(new Error("x")) }],
  [
    "a send that takes what comes after the disconnect",
    "A8",
    reader,
    { events: [...BODY, GONE], scope: goodScope({ signal: AbortSignal.abort() }) },
  ],
  [
    "a send that refuses what is right",
    "A5",
    reply,
    { send: () => Promise.reject(new GatewayError("TSGI_ERR_EVENT", "no")) },
  ],
];

function gone(): Promise<never> {
  return Promise.reject(new ClientDisconnected());
}

test.each(CALL_FAULTS)("the server is at fault for %s [A94]", async (_what, rule, app, tested) => {
  const outcome = await call(app, tested);
  const found = [...new Set(rulesOf(outcome))];
  expect(found[0]).toBe(`${rule} server`);
  expect(found.filter((each) => each.endsWith("server"))).toEqual([`${rule} server`]);
});

test("nothing is found where the body, its end and the disconnect come as they should [A94]", async () => {
  const outcome = await call(thorough, { events: [...BODY, GONE, GONE] });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});

test("a receive or a send without a promise is the server's fault [A94]", async () => {
  const noReceive = await callBare(lintAsgi(reader), { receive: () => undefined });
  const noSend = await callBare(lintAsgi(reply), { send: () => undefined });
  expect([noReceive.error, noSend.error]).toMatchObject([
    { rule: "A30", side: "server" },
    { rule: "A7", side: "server" },
  ]);
});

test("an app called without send is the server's fault [A94]", async () => {
  const linted = lintAsgi(reply) as (...call: unknown[]) => unknown;
  expect(() => linted(goodScope(), () => new Promise(() => {}))).toThrow(
    expect.objectContaining({ rule: "A1", side: "server" }),
  );
});

test("a scope, its asgi or its state must not be those of another call [A94]", async () => {
  const findings: LintError[] = [];
  const linted = lintAsgi(reply, { report: (finding) => findings.push(finding) });
  const scope = goodScope({ asgi: { ...ASGI }, state: { shared: [] } });
  await callBare(linted, { scope });
  expect(findings).toEqual([]);
  await callBare(linted, { scope: { ...scope, asgi: Object.freeze({ ...ASGI }), state: null } });
  expect(findings).toEqual([]);
  await callBare(linted, { scope });
  expect(findings.map(({ rule }) => rule)).toEqual(["A2", "A2", "A24"]);
});

test("a frozen asgi may serve many scopes [A94]", async () => {
  const linted = lintAsgi(reply);
  for (const scope of [goodScope(), goodScope()])
    expect((await callBare(linted, { scope })).error).toBeNull();
});

test("without a report, a fault of the server fails the request before the app is called [A94]", async () => {
  let called = false;
  const linted = lintAsgi(() => {
    called = true;
  });
  const { error } = await callBare(linted, { scope: goodScope({ method: "get" }) });
  expect([error, called]).toEqual([expect.any(LintError), false]);
  expect(error).toMatchObject({ rule: "A16", side: "server" });
});

test("without a report, a fault of the server fails the request though the app caught it [A94]", async () => {
  const app: AsgiApp = async (scope, receive, send) => {
    await receive().catch(() => {});
    await reply(scope, receive, send);
  };
  const { error } = await callBare(lintAsgi(app), { events: [{ type: "x" }] });
  expect(error).toMatchObject({ rule: "A27", side: "server" });
  const throwing: AsgiApp = async (_scope, receive) => {
    await receive().catch(() => {});
    throw new Error("because of it");
  };
  expect((await callBare(lintAsgi(throwing), { events: [{ type: "x" }] })).error).toMatchObject({
    rule: "A27",
  });
});

test("with a report, a request goes on over a fault of the server [A94]", async () => {
  const outcome = await call(reply, { scope: goodScope({ method: "get" }) });
  expect([rulesOf(outcome), outcome.error, outcome.sent]).toEqual([["A16 server"], null, REPLY]);
});

test("a refusal for another reason than the protocol is no fault of anybody [A94]", async () => {
  const error = new GatewayError("TSGI_ERR_FILE", "no such file");
  const outcome = await call(reply, { send: () => Promise.reject(error) });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], error]);
});

test("what a server refused was not sent: the app may send it again [A94]", async () => {
  let left = 1;
  const app: AsgiApp = async (scope, receive, send) => {
    await send(REPLY[0] as SendEvent).catch(() => {});
    await reply(scope, receive, send);
  };
  const refuseOnce = (): Promise<void> =>
    left-- > 0 ? Promise.reject(new Error("busy")) : Promise.resolve();
  const outcome = await call(app, { send: refuseOnce });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});
