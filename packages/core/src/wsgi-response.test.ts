// The response of a sync app, by the faster door and by plain events: the same on both roads.
// Source: PEP 3333 "The start_response() Callable", "The write() Callable", "Buffering and Streaming", "Error Handling".

import { describe, expect, test, vi } from "vitest";
import type { WsgiApp } from "./app.ts";
import { utf8Encode } from "./bytes.ts";
import type { Chunk } from "./events.ts";
import { MemoryTransport, settled } from "./memory-transport.test-support.ts";
import type { StartResponse } from "./pep3333.ts";
import { errorCodes, runSync, startSync, turn, type SyncRun } from "./wsgi.test-support.ts";

/** Starts a 200 with these headers. */
function ok(startResponse: StartResponse, ...headers: [string, string][]): ReturnType<StartResponse> {
  return startResponse("200 OK", headers);
}

/** An app that starts a 200 and returns this. */
function returning(result: unknown, ...headers: [string, string][]): WsgiApp {
  return (_environ, startResponse) => {
    ok(startResponse, ...headers);
    return result as Iterable<string>;
  };
}

/** A result that writes down how it is put away. An error among its pieces is thrown. */
class Watched implements Iterable<unknown>, Iterator<unknown> {
  readonly calls: string[] = [];
  taken = 0;
  readonly #pieces: unknown[];

  constructor(...pieces: unknown[]) {
    this.#pieces = pieces;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown> {
    if (this.taken >= this.#pieces.length) return { done: true, value: undefined };
    const value = this.#pieces[this.taken];
    this.taken += 1;
    if (value instanceof Error) throw value;
    return { done: false, value };
  }

  return(): IteratorResult<unknown> {
    this.calls.push("return");
    return { done: true, value: undefined };
  }

  close(): void {
    this.calls.push("close");
  }
}

function fail(message: string): never {
  throw new Error(message);
}

const PUT_AWAY = ["return", "close"];

describe.each([
  ["by the faster door", false],
  ["by plain events", true],
])("%s", (_road, plain) => {
  const run = (app: WsgiApp, more: SyncRun = {}): Promise<MemoryTransport> =>
    runSync(app, { plain, ...more });

  async function expect500(app: WsgiApp, code: string): Promise<void> {
    const transport = await run(app);
    expect(transport.head?.status).toBe(500);
    expect(transport.fields()).toContainEqual(["content-type", "text/plain; charset=utf-8"]);
    expect(transport.text()).toBe("Internal Server Error");
    expect(transport.state).toBe("ended");
    expect(errorCodes(transport)).toEqual([code]);
  }

  test("the app is called once, with two arguments [W1]", async () => {
    const calls: unknown[][] = [];
    await run((...args) => {
      calls.push(args);
      ok(args[1]);
      return [];
    });
    expect(calls.map((args) => args.length)).toEqual([2]);
  });

  test("status, reason and headers arrive as the app gave them [W30 W34 X17 X20]", async () => {
    const headers: [string, string][] = [
      ["Set-Cookie", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
      ["X-A", "1"],
      ["Set-Cookie", "b=2"],
      ["Content-Length", "1"],
    ];
    const transport = await run((_environ, startResponse) => {
      startResponse("404 Gone Fishing", headers);
      return ["x"];
    });
    expect(transport.head).toMatchObject({ status: 404, reason: "Gone Fishing" });
    expect(transport.fields()).toEqual(headers);
  });

  // ── results ─────────────────────────────────────────────────────────────────────────────────────────────────

  const BODIES: [what: string, result: unknown, body: string][] = [
    ["an array", ["a", utf8Encode("b"), "", "c"], "abc"],
    ["an empty array", [], ""],
    ["an array of one", ["\u3042"], "\u3042"],
    ["an array of one empty piece", [""], ""],
    ["a set", new Set(["a", "b"]), "ab"],
    ["text with line feeds", ["Bar\nBaz"], "Bar\nBaz"],
    ["what looks like headers", ["Foo: Bar\r\n\r\n", "x"], "Foo: Bar\r\n\r\nx"],
    ["a bare string", "\u3042b", "\u3042b"],
    ["a bare Uint8Array", utf8Encode("ab"), "ab"],
    ["an empty bare string", "", ""],
  ];

  test.each(BODIES)("%s is a body, unchanged [W39 W40 W49]", async (_what, result, body) => {
    const transport = await run(returning(result));
    expect(transport.head?.status).toBe(200);
    expect([transport.text(), transport.state, transport.logs]).toEqual([body, "ended", []]);
  });

  test("an iterator of nothing but empty pieces is an empty body [W35 W40]", async () => {
    const transport = await run(returning(new Watched("", new Uint8Array(0))));
    expect([transport.head?.status, transport.text(), transport.state]).toEqual([200, "", "ended"]);
  });

  const NO_BODIES: unknown[] = [undefined, null, false, 7, {}, () => [], (async function* () {})()];

  test.each(NO_BODIES)("the result %s is a logged 500 [W40]", async (result) => {
    await expect500(returning(result), "TSGI_ERR_RESULT");
  });

  test("an async function is told that it cannot be a sync app, and its rejection goes nowhere [W40 W51]", async () => {
    const transport = await run(returning(Promise.reject(new Error("late"))));
    expect(transport.head?.status).toBe(500);
    expect(String(transport.errors[0])).toContain("an async function cannot be a sync app");
  });

  test.each([[[7]], [["a", null]], [[["nested"]]]])("pieces that are %j fail [W39]", async (result) => {
    const transport = await run(returning(result));
    expect(transport.state === "aborted" || transport.head?.status === 500).toBe(true);
    expect(errorCodes(transport)).toEqual(["TSGI_ERR_RESULT"]);
  });

  // ── startResponse ───────────────────────────────────────────────────────────────────────────────────────────

  test("startResponse may be called as late as the first step of the iteration [W38]", async () => {
    const transport = await run(function* (_environ, startResponse) {
      yield "";
      ok(startResponse);
      yield "late";
    });
    expect([transport.head?.status, transport.text()]).toEqual([200, "late"]);
  });

  test.each([[["x"]], [[]], [["", ""]], [["x", "y"]], ["x"]])(
    "a result of %j without startResponse is a 500, and nothing of it is sent [W38]",
    async (result) => {
      await expect500(() => result, "TSGI_ERR_NO_RESPONSE");
    },
  );

  test("a wrong status throws into the app, which may then do better [W30 W36]", async () => {
    let thrown: unknown;
    const transport = await run((_environ, startResponse) => {
      try {
        startResponse("200", []);
      } catch (error) {
        thrown = error;
        startResponse("400 Bad Request", [], error);
      }
      return ["x"];
    });
    expect(thrown).toMatchObject({ code: "TSGI_ERR_STATUS" });
    expect(transport.head?.status).toBe(400);
  });

  test("a second call without an error throws, even if the first one threw [W36]", async () => {
    const codes: unknown[] = [];
    const attempt = (startResponse: StartResponse, status: string): void => {
      try {
        ok(startResponse, ["x", status]);
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    };
    const twice = await run((_environ, startResponse) => {
      attempt(startResponse, "1");
      attempt(startResponse, "2");
      return ["a"];
    });
    expect(twice.fields()[0]).toEqual(["x", "1"]);
    await expect500((_environ, startResponse) => {
      attempt(startResponse, "\n");
      attempt(startResponse, "2");
      return ["a"];
    }, "TSGI_ERR_NO_RESPONSE");
    expect(codes).toEqual(["TSGI_ERR_WSGI", "TSGI_ERR_HEADER", "TSGI_ERR_WSGI"]);
  });

  test("a second call with an error replaces status and headers, until the head is sent [W35 W36]", async () => {
    const transport = await run(function* (_environ, startResponse) {
      ok(startResponse, ["x-first", "1"], ["content-length", "100"]);
      yield "";
      startResponse("503 Service Unavailable", [["x-second", "2"]], new Error("no database"));
      yield "sorry";
    });
    expect(transport.head?.status).toBe(503);
    expect(transport.fields()).toEqual([["x-second", "2"]]);
    expect(transport.text()).toBe("sorry");
  });

  test("once the head is sent, that very error comes back, and the response is cut [W36 W50]", async () => {
    const failure = new Error("too late");
    const transport = await run(function* (_environ, startResponse) {
      ok(startResponse);
      yield "begun";
      startResponse("500 Internal Server Error", [], failure);
      yield "never";
    });
    expect([transport.text(), transport.state]).toEqual(["begun", "aborted"]);
    expect(transport.errors).toEqual([failure]);
  });

  test("a call after the response throws [W36]", async () => {
    let late: StartResponse | undefined;
    await run((_environ, startResponse) => {
      late = startResponse;
      ok(startResponse);
      return ["x"];
    });
    expect(() => late?.("200 OK", [])).toThrow(expect.objectContaining({ code: "TSGI_ERR_WSGI" }));
  });

  // ── write ───────────────────────────────────────────────────────────────────────────────────────────────────

  test("write() sends before the result does, and in order [W37]", async () => {
    const transport = await run((_environ, startResponse) => {
      const write = ok(startResponse);
      write("a");
      write(utf8Encode("b"));
      return ["c", "d"];
    });
    expect([transport.text(), transport.state, transport.logs]).toEqual(["abcd", "ended", []]);
  });

  test("write() alone is a response too [W37]", async () => {
    const transport = await run((_environ, startResponse) => {
      ok(startResponse, ["content-length", "2"])("ab");
      return [];
    });
    expect([transport.text(), transport.state]).toEqual(["ab", "ended"]);
  });

  test("write() throws once the iteration has begun [W37]", async () => {
    const transport = await run((_environ, startResponse) => {
      const write = ok(startResponse);
      return (function* () {
        yield "a";
        write("b");
      })();
    });
    expect([transport.text(), transport.state]).toEqual(["a", "aborted"]);
    expect(errorCodes(transport)).toEqual(["TSGI_ERR_WSGI"]);
  });

  test("write() past Content-Length throws, and sends nothing of it [W37]", async () => {
    await expect500((_environ, startResponse) => {
      ok(startResponse, ["content-length", "2"])("abc");
      return [];
    }, "TSGI_ERR_CONTENT_LENGTH");
    const caught = await run((_environ, startResponse) => {
      const write = ok(startResponse, ["content-length", "2"]);
      write("ab");
      expect(() => write("c")).toThrow(expect.objectContaining({ code: "TSGI_ERR_CONTENT_LENGTH" }));
      return [];
    });
    expect([caught.text(), caught.state]).toEqual(["ab", "ended"]);
  });

  test("what is no piece throws at write() [W37 W39]", async () => {
    await expect500((_environ, startResponse) => {
      ok(startResponse)(7 as never);
      return [];
    }, "TSGI_ERR_RESULT");
  });

  // ── errors ──────────────────────────────────────────────────────────────────────────────────────────────────

  const boom = new Error("boom: /secret/path");

  test.each<[when: string, app: WsgiApp]>([
    [
      "before startResponse",
      () => {
        throw boom;
      },
    ],
    [
      "after startResponse",
      (_environ, startResponse) => {
        ok(startResponse, ["x-first", "1"]);
        throw boom;
      },
    ],
    ["in the first step", returning(new Watched(boom))],
    ["after empty pieces", returning(new Watched("", "", boom))],
    [
      "as the iteration starts",
      returning({
        [Symbol.iterator]() {
          throw boom;
        },
      }),
    ],
  ])("a throw %s is a clean 500 without details, logged once [W35 W50]", async (_when, app) => {
    const transport = await run(app);
    expect([transport.head?.status, transport.text(), transport.state]).toEqual([
      500,
      "Internal Server Error",
      "ended",
    ]);
    expect(transport.fields().map(([name]) => name)).not.toContain("x-first");
    expect(transport.errors).toEqual([boom]);
  });

  test("a throw after a piece cuts the response, and is logged once [W50]", async () => {
    const transport = await run(returning(new Watched("a", boom)));
    expect([transport.head?.status, transport.text(), transport.state]).toEqual([200, "a", "aborted"]);
    expect(transport.errors).toEqual([boom]);
  });

  test("a throw of undefined is an error like any other [W50]", async () => {
    const transport = await run(() => {
      throw undefined;
    });
    expect([transport.head?.status, errorCodes(transport)]).toEqual([500, ["TSGI_ERR_THROWN"]]);
  });

  // ── Content-Length ──────────────────────────────────────────────────────────────────────────────────────────

  test("an array of one piece gets its length in bytes as Content-Length [W45]", async () => {
    const transport = await run(returning(["\u3042b"]));
    expect(transport.fields()).toEqual([["content-length", "4"]]);
  });

  test.each([
    ["204 No Content", ["dropped"]],
    ["204 No Content", ["", "dropped", "too"]],
    ["304 Not Modified", ["dropped"]],
    ["304 Not Modified", ["", "dropped", "too"]],
  ])("a %s of %j gets none, and no body, but a warning [W45 W47 A48]", async (status, result) => {
    const transport = await run((_environ, startResponse) => {
      startResponse(status, []);
      return result;
    });
    expect([transport.fields(), transport.text(), transport.state]).toEqual([[], "", "ended"]);
    expect(transport.logs).toEqual([["warn", expect.stringContaining("is left out")]]);
  });

  test.each<[result: string[], sent: string]>([
    [["abcdef"], "abc"],
    [["ab", "cdef", "gh"], "abc"],
    [["a\u3042"], "a\ufffd"],
  ])("of %j only three bytes are sent, if Content-Length says so [W46]", async (result, sent) => {
    const warnings: string[] = [];
    const transport = await run(returning(result, ["content-length", "3"]), {
      options: { log: (_level, message) => warnings.push(message) },
    });
    expect([transport.bytes().length, transport.text(), transport.state]).toEqual([3, sent, "ended"]);
    expect([...warnings, ...transport.logs.map(([, message]) => message)]).toEqual([
      expect.stringContaining("longer than its Content-Length"),
    ]);
  });

  test("when Content-Length is reached no further piece is taken, and that is no mistake [W43 W46]", async () => {
    const result = new Watched("ab", "c", "never");
    const transport = await run(returning(result, ["content-length", "3"]));
    expect([transport.text(), transport.state, transport.logs]).toEqual(["abc", "ended", []]);
    expect([result.taken, result.calls]).toEqual([2, PUT_AWAY]);
  });

  test("with a Content-Length of 0 no piece is taken at all [W35 W46]", async () => {
    const result = new Watched("never");
    const transport = await run(returning(result, ["content-length", "0"]));
    expect([transport.text(), transport.state, result.taken, result.calls]).toEqual([
      "",
      "ended",
      0,
      PUT_AWAY,
    ]);
  });

  test("fewer bytes than Content-Length says cut a response that has begun, and are logged [W46]", async () => {
    const transport = await run(returning(["ab", "c"], ["content-length", "4"]));
    expect([transport.text(), transport.state]).toEqual(["abc", "aborted"]);
    expect(errorCodes(transport)).toEqual(["TSGI_ERR_CONTENT_LENGTH"]);
  });

  test.each([[["abc"]], [[]]])("%j is short of it before anything was sent: a 500 [W46]", async (result) => {
    await expect500(returning(result, ["content-length", "4"]), "TSGI_ERR_CONTENT_LENGTH");
  });

  // ── no body ─────────────────────────────────────────────────────────────────────────────────────────────────

  test("HEAD keeps a Content-Length, whatever the app returns, and sends no body [W46 W48]", async () => {
    for (const result of [[], ["abc"], ["a", "b"], ["x".repeat(20_000)]]) {
      const app = returning(result, ["Content-Length", "12345"]);
      const transport = await run(app, { scope: { method: "HEAD" } });
      expect(transport.fields()).toEqual([["Content-Length", "12345"]]);
      expect([transport.text(), transport.state, transport.logs]).toEqual(["", "ended", []]);
    }
  });

  test("HEAD takes no more pieces than it needs to see startResponse called [W43 W48]", async () => {
    const result = new Watched("", "a", "never");
    const transport = await run(returning(result), { scope: { method: "HEAD" } });
    expect([transport.text(), transport.state, result.taken, result.calls]).toEqual([
      "",
      "ended",
      2,
      PUT_AWAY,
    ]);
  });

  test("write() in a HEAD request sends the head only [W37 W48]", async () => {
    const transport = await run(
      (_environ, startResponse) => {
        ok(startResponse)("dropped");
        return ["dropped too", "and this"];
      },
      { scope: { method: "HEAD" } },
    );
    expect([transport.head?.status, transport.text(), transport.state]).toEqual([200, "", "ended"]);
  });

  // ── putting away ────────────────────────────────────────────────────────────────────────────────────────────

  const PATHS: [path: string, pieces: unknown[], more: SyncRun & { length?: string }][] = [
    ["at a normal end", ["a", "b"], {}],
    ["on an error in the first step", [boom], {}],
    ["on an error in the middle", ["a", boom], {}],
    ["on a piece that is none", ["a", 7], {}],
    ["when HEAD skips the body", ["a", "b"], { scope: { method: "HEAD" } }],
    ["when Content-Length is reached", ["a", "b"], { length: "1" }],
    ["when the body is too short", ["a"], { length: "2" }],
  ];

  test.each(PATHS)("return() and close() are called once %s [W43 A91]", async (_path, pieces, more) => {
    const { length } = more;
    const result = new Watched(...pieces);
    const headers: [string, string][] = length === undefined ? [] : [["content-length", length]];
    await run(returning(result, ...headers), more);
    expect(result.calls).toEqual(PUT_AWAY);
  });

  test("a 304 puts the result away as well [W43 W47]", async () => {
    const result = new Watched("a", "b");
    await run((_environ, startResponse) => {
      startResponse("304 Not Modified", []);
      return result as Iterable<string>;
    });
    expect(result.calls).toEqual(PUT_AWAY);
  });

  test("close() is called although startResponse never was, or the result is no body [W43]", async () => {
    const result = new Watched("a");
    await run(() => result as Iterable<string>);
    expect(result.calls).toEqual(PUT_AWAY);
    let closed = 0;
    await run(returning({ close: () => (closed += 1) }));
    expect(closed).toBe(1);
  });

  test("an array's close(), and that of a result whose iterator is another object, are called too [W43 W44]", async () => {
    let closed = 0;
    const close = (): number => (closed += 1);
    await run(returning(Object.assign(["a"], { close })));
    await run(returning({ close, [Symbol.iterator]: () => ["a", "b"][Symbol.iterator]() }));
    expect(closed).toBe(2);
  });

  test("a generator runs its finally once, wherever it stands [W43]", async () => {
    const log: string[] = [];
    await run(function* (_environ, startResponse) {
      ok(startResponse, ["content-length", "1"]);
      try {
        yield "a";
        log.push("went on");
        yield "b";
      } finally {
        log.push("finally");
      }
    });
    expect(log).toEqual(["finally"]);
  });

  test("a result is put away when the response is complete, not before [W43]", async () => {
    const transport = new MemoryTransport();
    let state = "";
    const close = (): string => (state = transport.state);
    await run(returning(Object.assign(["a"], { close })), { transport });
    // Behind a middleware the last piece may still be on its way.
    if (!plain) expect(state).toBe("ended");
    expect(transport.state).toBe("ended");
  });

  test("throws in return() and close() are logged, and change nothing else [W43 S26]", async () => {
    const errors: unknown[] = [];
    const result = new Watched("a", "b");
    result.return = () => {
      throw new Error("in return");
    };
    result.close = () => {
      throw new Error("in close");
    };
    const transport = await run(returning(result), {
      options: { log: (_level, _message, error) => errors.push(error) },
    });
    expect([transport.text(), transport.state]).toEqual(["ab", "ended"]);
    expect([...errors, ...transport.errors].map(String)).toEqual(["Error: in return", "Error: in close"]);
  });

  test("a throw in a generator's finally, after the last piece, is logged and the process survives [S26]", async () => {
    const errors: unknown[] = [];
    const transport = await run(
      function* (_environ, startResponse) {
        ok(startResponse, ["content-length", "1"]);
        try {
          yield "a";
        } finally {
          fail("in finally");
        }
      },
      { options: { log: (_level, _message, error) => errors.push(error) } },
    );
    expect([transport.text(), transport.state]).toEqual(["a", "ended"]);
    expect([...errors, ...transport.errors].map(String)).toEqual(["Error: in finally"]);
  });

  // ── back-pressure and fairness ──────────────────────────────────────────────────────────────────────────────

  test("a client that does not read stops an endless generator, and goes on when it does [W41 W42]", async () => {
    let made = 0;
    const transport = startSync(
      function* (_environ, startResponse) {
        ok(startResponse);
        try {
          for (;;) {
            made += 1;
            yield "x".repeat(1000);
          }
        } finally {
          made = -1;
        }
      },
      { plain, full: true },
    );
    for (let i = 0; i < 5; i += 1) await turn();
    expect([made, transport.pieces.length]).toEqual([1, 1]);
    transport.exchange.drained();
    for (let i = 0; i < 5; i += 1) await turn();
    expect([made, transport.pieces.length]).toEqual([2, 2]);
    transport.exchange.connectionLost();
    await transport.detached;
    expect([made, transport.logs]).toEqual([-1, []]);
  });

  test("each piece is with the transport before the next is asked for [W41]", async () => {
    const seen: number[] = [];
    const transport = new MemoryTransport({ full: true });
    startSync(
      function* (_environ, startResponse) {
        ok(startResponse);
        for (let i = 0; i < 40; i += 1) {
          seen.push(transport.pieces.length);
          yield "x";
        }
      },
      { plain, transport },
    );
    while (transport.state !== "ended") {
      transport.exchange.drained();
      await turn();
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => index));
  });

  test("room that is back within a turn does not keep others from theirs [W41]", async () => {
    const transport = new (class extends MemoryTransport {
      override write(chunk: Chunk): boolean {
        super.write(chunk);
        queueMicrotask(() => this.exchange.drained());
        return false;
      }
    })();
    startSync(
      function* (_environ, startResponse) {
        ok(startResponse);
        // Not for ever, so that the test comes to an end in any case.
        while (transport.pieces.length < 10_000) yield "x";
      },
      { plain, transport },
    );
    await turn();
    expect(transport.pieces.length).toBeLessThanOrEqual(32);
    transport.exchange.connectionLost();
    await transport.detached;
  });

  test("a client that goes away while the app is paused is no error: the result is put away [W43 W51]", async () => {
    const result = new Watched("a", "b", "c");
    const transport = startSync(returning(result), { plain, full: true });
    await turn();
    transport.exchange.connectionLost();
    await transport.detached;
    expect([result.taken, result.calls, transport.logs]).toEqual([1, PUT_AWAY, []]);
  });

  test("a write() to a client that is gone throws, and that is not logged as the app's failure [W51]", async () => {
    let caught: unknown;
    const transport = new MemoryTransport();
    await run(
      (_environ, startResponse) => {
        const write = ok(startResponse);
        write("a");
        transport.exchange.connectionLost();
        try {
          write("b");
        } catch (error) {
          caught = error;
          throw error;
        }
        return [];
      },
      { transport },
    );
    // Behind a middleware the news comes later than the app returns.
    if (!plain) expect(caught).toMatchObject({ code: "ECONNRESET" });
    expect(transport.errors).toEqual([]);
  });

  test("more than 16 MiB by write() without a reader is cut off [W42 S10]", async () => {
    const piece = new Uint8Array(1024 * 1024);
    let thrown: unknown;
    const transport = await run(
      (_environ, startResponse) => {
        const write = ok(startResponse);
        try {
          for (let i = 0; i < 40; i += 1) write(piece);
        } catch (error) {
          thrown = error;
        }
        return ["the end"];
      },
      { full: true },
    );
    expect(thrown).toMatchObject({ code: "TSGI_ERR_SEND_OVERFLOW" });
    // By events nothing of it has left yet, so that the client can still be told.
    expect([transport.state, transport.head?.status]).toEqual(plain ? ["ended", 500] : ["aborted", 200]);
    expect(errorCodes(transport)).toEqual(["TSGI_ERR_SEND_OVERFLOW"]);
  });
});

test("others get their turn after sixteen pieces, or as many as the option says [W41]", async () => {
  async function piecesInOneTurn(options: NonNullable<SyncRun["options"]>): Promise<number> {
    const transport = startSync(
      returning(
        (function* () {
          // Not for ever, so that the test comes to an end in any case.
          for (let i = 0; i < 10_000; i += 1) yield "x";
        })(),
      ),
      { options },
    );
    const pieces = transport.pieces.length;
    transport.exchange.connectionLost();
    await transport.detached;
    return pieces;
  }
  expect(await piecesInOneTurn({})).toBe(16);
  expect(await piecesInOneTurn({ piecesPerTurn: 1 })).toBe(1);
  expect(await piecesInOneTurn({ piecesPerTurn: 2.5 })).toBe(2);
});

test("or after five milliseconds, or as many as the option says: what an app takes its time for leaves piece by piece [W41]", async () => {
  const now = vi.spyOn(performance, "now");
  async function piecesInOneTurn(
    millisecondsEach: number,
    options: NonNullable<SyncRun["options"]>,
  ): Promise<number> {
    let time = 0;
    now.mockImplementation(() => time);
    const transport = startSync(
      function* (_environ, startResponse) {
        ok(startResponse);
        for (let i = 0; i < 100; i += 1) {
          time += millisecondsEach;
          yield "x";
        }
      },
      { options },
    );
    const pieces = transport.pieces.length;
    transport.exchange.connectionLost();
    await transport.detached;
    return pieces;
  }
  expect(await piecesInOneTurn(1, {})).toBe(5);
  expect(await piecesInOneTurn(4.9, {})).toBe(2);
  expect(await piecesInOneTurn(1000, {})).toBe(1);
  expect(await piecesInOneTurn(1, { turnTime: 7 })).toBe(7);
  expect(await piecesInOneTurn(0, { turnTime: 0 })).toBe(1);
  expect(await piecesInOneTurn(1, { turnTime: Infinity })).toBe(16);
  now.mockRestore();
});

test("a generator of nothing but empty pieces does not keep others from their turn, and ends with its client [W41]", async () => {
  let finished = false;
  const transport = startSync(function* (_environ, startResponse) {
    ok(startResponse);
    try {
      for (;;) yield "";
    } finally {
      finished = true;
    }
  });
  expect(await settled(transport.detached)).toBe(false);
  transport.exchange.connectionLost();
  await transport.detached;
  expect([finished, transport.logs]).toEqual([true, []]);
});

test("an array of one piece leaves as one write, with the head [W35 W45]", () => {
  const transport = startSync(returning(["hello"]));
  // Synchronously: nothing was awaited.
  expect([transport.state, transport.pieces]).toEqual(["ended", ["hello"]]);
});
