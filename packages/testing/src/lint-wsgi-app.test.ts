// lintWsgi faults a sync app for each rule it can break, at the call that breaks it, and passes what is right.

import { expect, test } from "vitest";
import type { Environ, StartResponse, WsgiApp } from "@tsgi/core";
import { lintWsgi } from "./lint-wsgi.ts";
import { LintError } from "./lint/lint-error.ts";
import { callBareWsgi, callWsgi, goodEnviron, rulesOf } from "./lint/wsgi.test-support.ts";

const a = Uint8Array.of(0x61);
const nothing = new Uint8Array(0);

/** An app that answers 200 and returns this. */
function returning(result: unknown, headers: readonly (readonly [string, string])[] = []): WsgiApp {
  return (_environ, startResponse) => {
    startResponse("200 OK", headers);
    return result as Iterable<Uint8Array>;
  };
}

function* pieces(...each: readonly unknown[]): Generator<never> {
  for (const piece of each) yield piece as never;
}

const RIGHT: [what: string, app: WsgiApp, body: string][] = [
  ["an array", returning([a, a]), "aa"],
  ["an empty array", returning([]), ""],
  ["a generator", returning(pieces(a, nothing, a)), "aa"],
  ["strings", returning(pieces("é", a)), "éa"],
  ["an iterable without return()", returning({ [Symbol.iterator]: () => [a][Symbol.iterator]() }), "a"],
  ["an exact Content-Length", returning(pieces(a, a), [["Content-Length", "2"]]), "aa"],
  ["a reason that is empty", (_environ, start) => (start("200 ", []), [a]), "a"],
  ["a reason with octets above 0x7F", (_environ, start) => (start("200 \xe9", []), [a]), "a"],
  ["a 204 without a body", (_environ, start) => (start("204 No Content", []), [nothing]), ""],
  [
    "a 304 with a length",
    (_environ, start) => (start("304 Not Modified", [["Content-Length", "9"]]), []),
    "",
  ],
  ["write before the result", (_environ, start) => (start("200 OK", [])(a), [a]), "aa"],
  ["startResponse at the first step", late, "a"],
  ["a head replaced because of an error", replacing, "a"],
];

function* late(_environ: Environ, startResponse: StartResponse): Generator<Uint8Array> {
  yield nothing;
  startResponse("200 OK", []);
  yield a;
}

function replacing(_environ: Environ, startResponse: StartResponse): Uint8Array[] {
  startResponse("200 OK", []);
  startResponse("500 Error", [], new Error("why"));
  return [a];
}

test.each(RIGHT)("nothing is found in %s [W55]", (_what, app, body) => {
  const outcome = callWsgi(app);
  expect([rulesOf(outcome), outcome.error, outcome.body]).toEqual([[], null, body]);
});

/** An app whose call of `startResponse` is the fault. */
function starting(...call: readonly unknown[]): WsgiApp {
  return (_environ, startResponse) => {
    (startResponse as (...args: readonly unknown[]) => unknown)(...call);
    return [];
  };
}

const WRONG: [what: string, rule: string, app: WsgiApp][] = [
  ["a bare number as status", "W30", starting(200, [])],
  ["a status without a blank", "W30", starting("200OK", [])],
  ["a status of digits only", "W30", starting("200", [])],
  ["a status that is no number", "W30", starting("20X OK", [])],
  ["a status below 100", "W30", starting("099 No", [])],
  ["a status with a line end", "W30", starting("200 OK\r\n", [])],
  ["a status with a tab", "W30", starting("200 O\tK", [])],
  ["a status above 0xFF", "W30", starting("200 €", [])],
  ["a status alone", "W30", starting("200 OK")],
  ["four arguments", "W30", starting("200 OK", [], null, null)],
  ["headers in an object", "W31", starting("200 OK", { "Content-Type": "text/plain" })],
  ["headers in another iterable", "W31", starting("200 OK", new Map([["a", "1"]]))],
  ["a header that is no pair", "W31", starting("200 OK", [["a"]])],
  ["a header value that is a number", "W31", starting("200 OK", [["a", 1]])],
  ["a header name that is no token", "W31", starting("200 OK", [["a:", "1"]])],
  ["a header name that ends with a hyphen", "W31", starting("200 OK", [["a-", "1"]])],
  ["a header name that ends with an underscore", "W31", starting("200 OK", [["a_", "1"]])],
  ["a header value with a line end", "W31", starting("200 OK", [["a", "1\nb: 2"]])],
  ["a header value with a tab", "W31", starting("200 OK", [["a", "1\t2"]])],
  ["a header value above 0xFF", "W31", starting("200 OK", [["a", "€"]])],
  ["a header called Status", "W32", starting("200 OK", [["Status", "200"]])],
  ["a Connection header", "W33", starting("200 OK", [["Connection", "close"]])],
  ["a Transfer-Encoding header", "W33", starting("200 OK", [["transfer-encoding", "chunked"]])],
  ["a second startResponse", "W36", twice],
  ["write within the result", "W37", writingLate],
  [
    "write beyond Content-Length",
    "W37",
    (_environ, start) => (start("200 OK", [["Content-Length", "1"]])("ab"), []),
  ],
  ["a piece before startResponse", "W38", () => pieces(a)],
  ["an array of pieces without startResponse", "W38", () => [a]],
  ["an end without startResponse", "W38", () => pieces(nothing)],
  ["an empty array without startResponse", "W38", () => []],
  ["a bare string", "W39", returning("text")],
  ["a bare Uint8Array", "W39", returning(a)],
  ["a result that is no iterable", "W39", returning({})],
  ["an async iterable", "W39", returning((async function* () {})())],
  ["a piece that is a number", "W39", returning(pieces(1))],
  ["an array with a piece that is null", "W39", returning([null])],
  ["write of a number", "W39", (_environ, start) => (start("200 OK", [])(1 as never), [])],
  ["null", "W40", returning(null)],
  ["undefined", "W40", returning(undefined)],
  ["false", "W40", returning(false)],
  ["a promise", "W40", returning(Promise.resolve([]))],
  ["a piece beyond Content-Length", "W46", returning(pieces("ab"), [["Content-Length", "1"]])],
  ["an array beyond Content-Length", "W46", returning(["a", "b"], [["Content-Length", "1"]])],
  ["an end before Content-Length", "W46", returning(pieces(a), [["Content-Length", "2"]])],
  ["a Content-Length that is no number", "W46", starting("200 OK", [["Content-Length", "1,1"]])],
  [
    "two Content-Lengths that differ",
    "W46",
    starting("200 OK", [
      ["Content-Length", "1"],
      ["content-length", "2"],
    ]),
  ],
  ["a body with a 204", "W47", (_environ, start) => (start("204 No Content", []), [a])],
  ["a body with a 304", "W47", (_environ, start) => (start("304 Not Modified", []), pieces(a))],
  ["a Content-Length with a 204", "W47", starting("204 No Content", [["Content-Length", "0"]])],
];

function twice(_environ: Environ, startResponse: StartResponse): Uint8Array[] {
  startResponse("200 OK", []);
  startResponse("500 Error", []);
  return [a];
}

function twiceWrong(_environ: Environ, startResponse: StartResponse): Uint8Array[] {
  try {
    startResponse("200", []);
  } catch {
    startResponse("200 OK", []);
  }
  return [];
}

function* writingLate(_environ: Environ, startResponse: StartResponse): Generator<Uint8Array> {
  const write = startResponse("200 OK", []);
  yield a;
  write(a);
}

test.each(WRONG)("the sync app is at fault for %s [W55]", (_what, rule, app) => {
  const outcome = callWsgi(app);
  expect(rulesOf(outcome)).toEqual([`${rule} app`]);
  expect(outcome.error).toBe(outcome.findings[0]);
});

test("a startResponse that was refused counts as the first [W55]", () => {
  expect(rulesOf(callWsgi(twiceWrong))).toEqual(["W30 app", "W36 app"]);
});

test("a startResponse that the server refused counts as the first [W55]", () => {
  const refused: WsgiApp = (_environ, startResponse) => {
    expect(() => startResponse("200 OK", [])).toThrow("refused");
    startResponse("200 OK", []);
    return [];
  };
  const startResponse: StartResponse = () => {
    throw new Error("refused");
  };
  expect(rulesOf(callWsgi(refused, { startResponse }))).toEqual(["W36 app"]);
});

test("strings are refused as pieces where only bytes are wanted [W55]", () => {
  const app = returning(pieces("a"));
  expect(rulesOf(callWsgi(app, { options: { bytesOnly: true } }))).toEqual(["W39 app"]);
  expect(rulesOf(callWsgi(returning([a]), { options: { bytesOnly: true } }))).toEqual([]);
});

test("Content-Length of a HEAD is not counted [W55]", () => {
  const app = returning([], [["Content-Length", "5"]]);
  expect(rulesOf(callWsgi(app, { environ: goodEnviron({ REQUEST_METHOD: "HEAD" }) }))).toEqual([]);
});

/** A middleware that passes pieces on in its own way. */
function middleware(
  app: WsgiApp,
  pass: (inner: Iterable<Uint8Array | string>) => Iterable<Uint8Array | string>,
): WsgiApp {
  return (environ, startResponse) => {
    const inner = app(environ, startResponse) as Iterable<Uint8Array> & { close?: () => void };
    const outer = pass(inner);
    return {
      [Symbol.iterator]: () => outer[Symbol.iterator](),
      close: () => inner.close?.(),
    } as Iterable<Uint8Array>;
  };
}

test("a middleware that holds a piece back is at fault, and one that yields an empty one is not [W44 W55]", () => {
  const two = lintWsgi(returning(pieces(a, a)));
  const greedy = callWsgi(middleware(two, (inner) => [...inner][Symbol.iterator]() as Generator<Uint8Array>));
  expect((greedy.error as LintError).rule).toBe("W44");
  const patient = callWsgi(
    middleware(lintWsgi(returning(pieces(a, a))), function* (inner) {
      let held: Uint8Array = nothing;
      for (const piece of inner) {
        yield held;
        held = piece as Uint8Array;
      }
      yield held;
    }),
  );
  expect([rulesOf(patient), patient.error, patient.body]).toEqual([[], null, "aa"]);
});

test("the message names the rule, the side and what was seen [W55]", () => {
  const { error } = callWsgi(starting(200, []));
  expect((error as Error).message).toBe(
    'W30, app at fault: the status is a number (200): a portable app writes it out, as "200 OK"',
  );
});

test("an app keeps its own error [W55]", () => {
  const error = new TypeError("mine");
  const throwing: WsgiApp = () => {
    throw error;
  };
  expect(callWsgi(throwing).error).toBe(error);
  const midway = function* (_environ: Environ, startResponse: StartResponse): Generator<Uint8Array> {
    startResponse("200 OK", []);
    yield a;
    throw error;
  };
  expect(callWsgi(midway)).toEqual({ findings: [], error, body: "a" });
});

test("an array stays an array, so that the server can know its length [W55]", () => {
  const result = [a];
  const linted = lintWsgi(returning(result));
  expect(linted(goodEnviron(), () => () => {})).toBe(result);
  expect(callBareWsgi(linted, goodEnviron()).body).toBe("a");
});
