// Sync apps, logs and results that fail in odd ways: nothing reaches the process, and the client sees a 500 or a cut response.
// Source: PEP 3333 "Error Handling"; ASGI 3.0 "Error Handling".

import { describe, expect, test } from "vitest";
import type { WsgiApp } from "./app.ts";
import { MemoryTransport } from "./memory-transport.test-support.ts";
import { expectNoStrays, turns } from "./strays.test-support.ts";
import { runSync, TestSpools, type SyncRun } from "./wsgi.test-support.ts";

expectNoStrays();

/** An app that starts a 200 and returns this. */
function returning(result: unknown): WsgiApp {
  return (_environ, startResponse) => {
    startResponse("200 OK", []);
    return result as Iterable<string>;
  };
}

/** A result whose iterator has these methods. */
function iterable(methods: object): object {
  return { [Symbol.iterator]: () => methods };
}

function revoked(): unknown[] {
  const { proxy, revoke } = Proxy.revocable<unknown[]>([], {});
  revoke();
  return proxy;
}

/** An object each of whose properties throws. */
function hostile(target: object): object {
  return new Proxy(target, {
    get(_target, key) {
      throw new Error(`in the getter of ${String(key)}`);
    },
  });
}

const later = (message: string): Promise<never> => Promise.reject(new Error(message));

describe.each([
  ["by the faster door", false],
  ["by plain events", true],
])("%s", (_road, plain) => {
  const run = (app: WsgiApp, more: SyncRun = {}): Promise<MemoryTransport> =>
    runSync(app, { plain, ...more });

  const FAILURES: [what: string, app: () => WsgiApp][] = [
    ["a throw of undefined", () => () => throws(undefined)],
    ["a throw of null", () => () => throws(null)],
    ["a throw of text", () => () => throws("text")],
    ["a throw of a symbol", () => () => throws(Symbol("s"))],
    ["a throw of what cannot be looked at", () => () => throws(revoked())],
    ["a result that cannot be looked at", () => returning(revoked())],
    ["a result whose getters throw", () => returning(hostile({}))],
    ["a promise", () => returning(later("never awaited"))],
    ["an array of one promise", () => returning([later("never awaited")])],
    ["an iterator of promises", () => returning(new Set([later("never awaited"), "b"]))],
    ["an iterator of promises of steps", () => returning(iterable({ next: () => later("never awaited") }))],
    ["an iterator of null", () => returning(iterable({ next: () => null }))],
    ["an iterator of numbers", () => returning(iterable({ next: () => 7 }))],
    ["no iterator at all", () => returning({ [Symbol.iterator]: () => null })],
    ["an iterator without next()", () => returning(iterable({}))],
  ];

  test.each(FAILURES)("%s is one logged 500 [W39 W40 W50 A10]", async (_what, app) => {
    const transport = await run(app());
    expect([transport.head?.status, transport.text()]).toEqual([500, "Internal Server Error"]);
    expect(transport.logs.filter(([, message]) => message.startsWith("The app failed at"))).toHaveLength(1);
  });

  test("an async iterator is called by its name [W39]", async () => {
    const transport = await run(
      returning({
        async *[Symbol.iterator]() {
          yield "a";
        },
      }),
    );
    expect(String(transport.errors[0])).toContain("nor can an async iterator be its result");
  });

  test.each([
    ["close()", Object.assign(["a"], { close: () => later("in close") })],
    ["return()", iterable({ next: () => ({ done: true }), return: () => later("in return") })],
  ])("an asynchronous %s that fails is logged [W43 S26]", async (_method, result) => {
    const errors: unknown[] = [];
    const log = (_level: string, _message: string, error: unknown): void => void errors.push(error);
    const transport = await run(returning(result), { options: { log } });
    await turns();
    expect(transport.head?.status).toBe(200);
    expect([...errors, ...transport.errors].map(String)).toEqual([
      expect.stringMatching(/in (close|return)/),
    ]);
  });

  test("a file whose close() is asynchronous and fails is logged [W52 S26]", async () => {
    const errors: unknown[] = [];
    const log = (_level: string, _message: string, error: unknown): void => void errors.push(error);
    const transport = await run(
      (environ, startResponse) => {
        startResponse("200 OK", []);
        const file = { read: () => new Uint8Array(0), close: () => later("in close") as never };
        return environ["wsgi.file_wrapper"]?.(file) ?? [];
      },
      { options: { log } },
    );
    await turns();
    expect([...errors, ...transport.errors].map(String)).toEqual(["Error: in close"]);
  });

  test("wsgi.errors takes what has no text [W27]", async () => {
    const transport = await run((environ, startResponse) => {
      environ["wsgi.errors"].write(Object.create(null) as string);
      startResponse("200 OK", []);
      return ["a"];
    });
    expect([transport.text(), transport.logs]).toEqual(["a", [["error", "a value without a text"]]]);
  });

  // ── a log that fails ────────────────────────────────────────────────────────────────────────────────────────

  function loglessly(more: SyncRun = {}): SyncRun & { readonly transport: MemoryTransport } {
    const transport = new MemoryTransport(more);
    const log = (): never => throws(new Error("disk full"));
    transport.log = log;
    return { ...more, transport, plain, options: { ...more.options, log } };
  }

  const LOGGING: [what: string, app: WsgiApp, text: string][] = [
    ["a complete line of wsgi.errors", logging("line\n"), "a"],
    ["an unfinished line of wsgi.errors", logging("line"), "a"],
    [
      "a hop-by-hop header",
      (_environ, startResponse) => {
        startResponse("200 OK", [["keep-alive", "1"]]);
        return ["a"];
      },
      "a",
    ],
    [
      "a body beyond its Content-Length",
      (_environ, startResponse) => {
        startResponse("200 OK", [["content-length", "1"]]);
        return ["abc"];
      },
      "a",
    ],
    ["a close() that throws", returning(Object.assign(["a"], { close: () => throws(1) })), "a"],
    ["an error of the app", () => throws(1), "Internal Server Error"],
    [
      "a callback that throws",
      (environ, startResponse) => {
        (environ["tsgi.after_response"] as unknown[]).push(() => throws(1));
        startResponse("200 OK", []);
        return ["a"];
      },
      "a",
    ],
  ];

  test.each(LOGGING)("a log that fails over %s changes nothing [W50 A10 S26]", async (_what, app, text) => {
    const logless = loglessly();
    const transport = await runSync(app, logless);
    expect([transport.text(), transport.state]).toEqual([text, "ended"]);
  });

  test("nor does one that fails in a later turn, at the end of a long response [W50 A10 S26]", async () => {
    const logless = loglessly();
    const transport = await runSync(function* (environ, startResponse) {
      environ["wsgi.errors"].write("unfinished");
      startResponse("200 OK", []);
      for (let i = 0; i < 100; i += 1) yield "a";
    }, logless);
    expect([transport.text(), transport.state]).toEqual(["a".repeat(100), "ended"]);
  });

  test.each([false, true])(
    "the spool is closed although the log fails (an app that fails: %s) [W24 S26]",
    async (fails) => {
      const spool = new TestSpools();
      const logless = loglessly({ body: ["ab", "cd"], options: { memoryLimit: 1, spool } });
      await runSync(function* (environ, startResponse) {
        environ["wsgi.errors"].write("unfinished");
        (environ["tsgi.after_response"] as unknown[]).push(() => throws(1));
        startResponse("200 OK", []);
        yield "a";
        if (fails) throws(new Error("in the app"));
      }, logless);
      await turns();
      expect(spool.calls.at(-1)).toBe("close");
    },
  );
});

test("a spool that can neither be written to nor closed is one logged 500, for the write [W24 W50]", async () => {
  const spool = {
    write: () => later("in write"),
    finish: () => later("in finish"),
    close: () => later("in close"),
  };
  const transport = await runSync(returning(["a"]), {
    body: ["abc"],
    scope: { method: "POST", headers: [["content-length", "3"]] },
    options: { memoryLimit: 1, spool: { open: () => spool } },
  });
  expect([transport.head?.status, transport.errors.map(String)]).toEqual([500, ["Error: in write"]]);
});

test("one list of headers serves any number of requests, and stays as it is [W31 W33]", async () => {
  const headers = Object.freeze([
    Object.freeze(["Content-Type", "text/plain"] as const),
    Object.freeze(["Keep-Alive", "1"] as const),
    Object.freeze(["X-A", "1"] as const),
  ]);
  const app: WsgiApp = function* (_environ, startResponse) {
    startResponse("200 OK", headers);
    yield "a";
    yield "b";
  };
  const runs = await Promise.all([
    runSync(app),
    runSync(app, { plain: true }),
    runSync(app, { full: false }),
  ]);
  for (const transport of runs) {
    expect(transport.fields()).toEqual([
      ["Content-Type", "text/plain"],
      ["X-A", "1"],
    ]);
  }
});

test("hints after the response has begun are refused at once, on every road [W54 W50]", async () => {
  for (const plain of [false, true]) {
    const codes: unknown[] = [];
    const transport = await runSync(
      (environ, startResponse) => {
        const write = startResponse("200 OK", []);
        write("a");
        try {
          environ["wsgi.early_hints"]?.([["link", "</a>"]]);
        } catch (error) {
          codes.push((error as { code?: unknown }).code);
        }
        return ["b"];
      },
      { plain },
    );
    expect([codes, transport.text(), transport.state]).toEqual([["TSGI_ERR_EVENT_ORDER"], "ab", "ended"]);
  }
});

test("an error of the app is logged before its callbacks run, although it is named like a disconnect's aftermath [W50 W54]", async () => {
  const order: string[] = [];
  const transport = new MemoryTransport();
  const { log } = transport;
  transport.log = (...line) => {
    order.push(line[1]);
    log.apply(transport, line);
  };
  const abort = Object.assign(new Error("the app's own fetch"), { name: "AbortError" });
  await runSync(
    function* (environ, startResponse) {
      (environ["tsgi.after_response"] as unknown[]).push(() => void order.push("callback"));
      startResponse("200 OK", []);
      yield "a";
      throw abort;
    },
    { transport },
  );
  expect([order, transport.errors]).toEqual([['The app failed at GET "/"', "callback"], [abort]]);
  expect(transport.state).toBe("aborted");
});

function throws(what: unknown): never {
  // oxlint-disable-next-line no-throw-literal -- apps may throw anything
  throw what;
}

function logging(text: string): WsgiApp {
  return (environ, startResponse) => {
    environ["wsgi.errors"].write(text);
    startResponse("200 OK", []);
    return ["a"];
  };
}
