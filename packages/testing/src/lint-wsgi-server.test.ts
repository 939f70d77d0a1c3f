// lintWsgi faults the server that mishandles startResponse or the result of an app, and finds nothing in core's own.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { wsgi, type Environ, type StartResponse, type WsgiApp } from "@tsgi/core";
import { lintAsgi } from "./lint-asgi.ts";
import { lintWsgi } from "./lint-wsgi.ts";
import type { LintError } from "./lint/lint-error.ts";
import { TEXT, callWsgi, goodEnviron, goodInput, rulesOf } from "./lint/wsgi.test-support.ts";
import { createTestClient } from "./test-client.ts";

const a = Uint8Array.of(0x61);
const nothing = new Uint8Array(0);

const plain: WsgiApp = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return [a];
};

/** An app that replaces its head after the first piece. */
function* tooLate(_environ: Environ, startResponse: StartResponse): Generator<Uint8Array> {
  startResponse("200 OK", []);
  yield a;
  startResponse("500 Error", [], new Error("why"));
}

const START_FAULTS: [what: string, rule: string, app: WsgiApp, startResponse: StartResponse][] = [
  ["a startResponse without write", "W37", plain, () => undefined as never],
  ["a head replaced though it was sent", "W36", tooLate, () => () => {}],
  ["another error than the one it was given", "W36", tooLate, throwingOther()],
];

function throwingOther(): StartResponse {
  return (_status, _headers, excInfo) => {
    if (excInfo !== undefined) throw new Error("another");
    return () => {};
  };
}

test.each(START_FAULTS)(
  "the server of a sync app is at fault for %s [W55]",
  (_what, rule, app, startResponse) => {
    expect(rulesOf(callWsgi(app, { startResponse }))[0]).toBe(`${rule} server`);
  },
);

test("a server that throws the very error it was given is right [W55]", () => {
  const outcome = callWsgi(tooLate);
  expect([rulesOf(outcome), outcome.error]).toEqual([[], new Error("why")]);
});

/** Three pieces, from a generator. */
function* three(_environ: Environ, startResponse: StartResponse): Generator<Uint8Array> {
  startResponse("200 OK", []);
  yield a;
  yield a;
  yield a;
}

/** The same, with their length. */
function* counted(_environ: Environ, startResponse: StartResponse): Generator<Uint8Array> {
  yield* three(_environ, (status) => startResponse(status, [["Content-Length", "3"]]));
}

type Watched = Iterable<Uint8Array> & { close(): void };

const ENDS: [what: string, found: string[], app: WsgiApp, serve: (result: Watched) => void][] = [
  ["a result that is taken and closed", [], three, whole],
  ["a result that is closed unread", [], three, (result) => result.close()],
  ["a result that is left, and closed", [], three, (result) => leaveAndClose(result, 1)],
  ["a result that is left where its length is reached", [], counted, (result) => leaveAndClose(result, 3)],
  ["a result that is never closed", ["W43"], three, (result) => expect([...result].length).toBe(3)],
  ["a result that nobody looks at", ["W43"], three, () => {}],
  ["an iterator that is never left", ["W43"], three, neverLeave],
  ["a result that is closed twice", ["W43"], three, closeTwice],
  ["an iterator that is left twice", ["W43"], three, leaveTwice],
  ["a piece asked for after the end", ["W43"], three, askAfterwards],
  ["a result that is iterated twice", ["W41"], three, iterateTwice],
  ["a piece asked for after Content-Length", ["W46"], counted, whole],
];

function whole(result: Watched): void {
  expect([...result].length).toBe(3);
  result.close();
}

function leaveAndClose(result: Watched, count: number): void {
  take(result, count).return?.();
  result.close();
}

function neverLeave(result: Watched): void {
  take(result, 1);
  result.close();
}

function closeTwice(result: Watched): void {
  whole(result);
  result.close();
}

function iterateTwice(result: Watched): void {
  take(result, 1).return?.();
  leaveAndClose(result, 1);
}

function take(result: Watched, count: number): Iterator<Uint8Array> {
  const iterator = result[Symbol.iterator]();
  for (let left = count; left > 0; left -= 1) iterator.next();
  return iterator;
}

function leaveTwice(result: Watched): void {
  const iterator = take(result, 1);
  iterator.return?.();
  iterator.return?.();
  result.close();
}

function askAfterwards(result: Watched): void {
  const iterator = take(result, 1);
  iterator.return?.();
  result.close();
  iterator.next();
}

test.each(ENDS)("a server is judged by how it ends %s [W55]", (_what, found, app, serve) => {
  const findings: LintError[] = [];
  const linted = lintWsgi(app, { report: (finding) => findings.push(finding) });
  serve(linted(goodEnviron(), () => () => {}) as Watched);
  linted.checkClosed();
  linted.checkClosed();
  expect(findings.map(({ rule }) => rule)).toEqual(found);
  expect(findings.every(({ side }) => side === "server")).toBe(true);
});

test("without a report an unclosed result is thrown where it is looked for [W55]", () => {
  const linted = lintWsgi(three);
  linted(goodEnviron(), () => () => {});
  expect(() => linted.checkClosed()).toThrow('close() was never called on the result of POST "/m/a b"');
  expect(() => linted.checkClosed()).not.toThrow();
});

test("a result that is dropped unclosed is found when it is collected as garbage [W55]", async () => {
  const report = vi.fn<(finding: LintError) => void>();
  const linted = lintWsgi(three, { report });
  linted(goodEnviron(), () => () => {});
  setFlagsFromString("--expose_gc");
  const collect = runInNewContext("gc") as () => void;
  // What a collection finds is told in a later turn.
  for (let turns = 0; turns < 1000 && report.mock.calls.length === 0; turns += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (turns % 10 === 0) collect();
  }
  expect(report).toHaveBeenCalledOnce();
  expect(report.mock.calls[0]?.[0]).toMatchObject({ rule: "W43", side: "server" });
});

test("close() of the app's own result and return() of its iterator are passed on once [W43 W55]", () => {
  const log: string[] = [];
  const app: WsgiApp = (_environ, startResponse) => {
    startResponse("200 OK", []);
    return {
      *[Symbol.iterator]() {
        try {
          yield a;
          yield a;
        } finally {
          log.push("return");
        }
      },
      close: () => log.push("close"),
    };
  };
  const linted = lintWsgi(app);
  const result = linted(goodEnviron(), () => () => {}) as Watched;
  take(result, 1).return?.();
  result.close();
  expect(log).toEqual(["return", "close"]);
});

test("without a report, a fault of the server is thrown though the app caught it [W55]", () => {
  const app: WsgiApp = (environ, startResponse) => {
    try {
      environ["wsgi.input"].read();
    } catch {}
    return plain(environ, startResponse);
  };
  const linted = lintWsgi(app);
  const environ = goodEnviron({ "wsgi.input": goodInput("ab") });
  expect(() => linted(environ, () => () => {})).toThrow(expect.objectContaining({ rule: "W25" }));
});

const BRIDGED: [what: string, app: WsgiApp, method: string, body: string][] = [
  ["an array", plain, "GET", "a"],
  ["a generator", three, "GET", "aaa"],
  ["the head of a generator", three, "HEAD", ""],
  [
    "an echo",
    (environ, startResponse) => {
      startResponse("200 OK", [["X-Type", "echo"]]);
      return environ["wsgi.input"];
    },
    "POST",
    TEXT,
  ],
  [
    "empty pieces and a late start",
    function* (_environ, startResponse) {
      yield nothing;
      startResponse("200 OK", []);
      yield a;
    },
    "GET",
    "a",
  ],
];

test.each(BRIDGED)(
  "nothing is found where core serves %s, looked at from both interfaces [W55 A94]",
  async (_what, app, method, body) => {
    const findings: LintError[] = [];
    const report = (finding: LintError): void => void findings.push(finding);
    const sync = lintWsgi(app, { report });
    for (const served of [wsgi(sync), lintAsgi(wsgi(sync), { report, headerCase: "any" })]) {
      const client = createTestClient(served, { rootPath: "/m" });
      const response = await client.request(
        method,
        "/m/caf%C3%A9//x?q=1",
        method === "POST" ? { body: TEXT } : {},
      );
      expect(response.text()).toBe(body);
      sync.checkClosed();
    }
    expect(findings).toEqual([]);
  },
);

test("core closes a result once when the client goes away [W43 W55]", async () => {
  const findings: LintError[] = [];
  const sync = lintWsgi(endless, { report: (finding) => findings.push(finding) });
  const response = await createTestClient(wsgi(sync)).get("/", { disconnectAfter: { downloaded: 10 } });
  expect(response.complete).toBe(false);
  sync.checkClosed();
  expect(findings).toEqual([]);
});

function* endless(_environ: Environ, startResponse: StartResponse): Generator<Uint8Array> {
  startResponse("200 OK", []);
  for (;;) yield a;
}
