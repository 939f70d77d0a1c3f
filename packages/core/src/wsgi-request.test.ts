// A request to a sync app: its body, its environ, what is refused before the app is called, and what comes after.
// Source: PEP 3333; RFC 9110 §15.5.14; psgix.cleanup.

import { describe, expect, test } from "vitest";
import type { WsgiApp } from "./app.ts";
import { latin1Decode, utf8Encode } from "./bytes.ts";
import type { AfterResponse } from "./environ.ts";
import { MemoryTransport, settled } from "./memory-transport.test-support.ts";
import type { Environ } from "./pep3333.ts";
import type { Header } from "./scope.ts";
import {
  errorCodes,
  environOf,
  runSync,
  startSync,
  TestSpools,
  turn,
  type SyncRun,
} from "./wsgi.test-support.ts";

/** Sends the body back. */
const echo: WsgiApp = (environ, startResponse) => {
  startResponse("200 OK", []);
  return [environ["wsgi.input"].read()];
};

/** A POST with this body, in these pieces. */
function post(...pieces: string[]): SyncRun {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return { body: pieces, scope: { method: "POST", headers: [["content-length", String(length)]] } };
}

/** A POST of unknown length. */
function chunked(...pieces: string[]): SyncRun {
  return { body: pieces, scope: { method: "POST", headers: [["transfer-encoding", "chunked"]] } };
}

describe.each([
  ["by the faster door", false],
  ["by plain events", true],
])("%s", (_road, plain) => {
  const run = (app: WsgiApp, more: SyncRun): Promise<MemoryTransport> => runSync(app, { plain, ...more });

  test("the body is read whole before the app is called [W24 A91]", async () => {
    const transport = await run(echo, post("ab", "cd", "e"));
    expect(transport.text()).toBe("abcde");
  });

  test("a request without a body has an empty input, and no Content-Length [W3 W21]", async () => {
    const environ = await environOf({ plain });
    expect(environ["wsgi.input"].read().length).toBe(0);
    expect(environ).not.toHaveProperty("CONTENT_LENGTH");
  });

  test("a chunked body is readable, with its exact length and no trace of the coding [W25 A25]", async () => {
    const environ = await environOf({ plain, ...chunked("ab", "cde") });
    expect(environ).toMatchObject({ CONTENT_LENGTH: "5", "wsgi.input_terminated": true });
    expect(environ).not.toHaveProperty("HTTP_TRANSFER_ENCODING");
    expect(latin1Decode(environ["wsgi.input"].read())).toBe("abcde");
  });

  test("a chunked body that is empty has no length [W25]", async () => {
    const environ = await environOf({ plain, ...chunked() });
    expect(environ).not.toHaveProperty("CONTENT_LENGTH");
  });

  test("wsgi.input gives plain Uint8Arrays, whatever the host gave [W21]", async () => {
    const environ = await environOf({
      plain,
      ...post(),
      body: [Buffer.from("abc")],
      scope: { method: "POST" },
    });
    expect(environ["wsgi.input"].read().constructor).toBe(Uint8Array);
  });

  test("the app need not read the body [W29]", async () => {
    const transport = await run((_environ, startResponse) => {
      startResponse("200 OK", []);
      return ["unread"];
    }, post("ab"));
    expect([transport.text(), transport.logs]).toEqual(["unread", []]);
  });

  // ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────

  async function refused(
    more: SyncRun,
  ): Promise<[status: number | undefined, called: boolean, reads: number]> {
    let called = false;
    const transport = await run((environ, startResponse) => {
      called = true;
      return echo(environ, startResponse);
    }, more);
    expect([transport.state, transport.errors]).toEqual(["ended", []]);
    return [transport.head?.status, called, transport.reads];
  }

  test("a body of maxBodySize is taken; a longer one is a 413, unread if Content-Length tells [W24 S8]", async () => {
    const options = { maxBodySize: 4 };
    expect(await refused({ ...post("ab", "cd"), options })).toEqual([200, true, 3]);
    expect(await refused({ ...post("ab", "cd", "e"), options })).toEqual([413, false, 0]);
    expect(await refused({ ...chunked("ab", "cd"), options })).toEqual([200, true, 3]);
    expect(await refused({ ...chunked("ab", "cd", "e", "f"), options })).toEqual([413, false, 3]);
  });

  test("the limit is 16 MiB, unless the option says else [W24 S8]", async () => {
    const declared = (length: number): SyncRun => ({
      body: [null],
      scope: { headers: [["content-length", String(length)]] },
    });
    expect(await refused(declared(16_777_217))).toEqual([413, false, 0]);
    const atLimit = await run(echo, declared(16_777_216));
    expect([atLimit.reads, atLimit.head]).toEqual([1, null]);
    const unlimited = await run(echo, { ...declared(1e12), options: { maxBodySize: Infinity } });
    expect([unlimited.reads, unlimited.head]).toEqual([1, null]);
  });

  test("too many repetitions of a header are a 400, before the body is read [A91 S8]", async () => {
    const headers = Array.from({ length: 101 }, (): Header => ["x-dup", "v"]);
    expect(await refused({ body: ["ab"], scope: { headers } })).toEqual([400, false, 0]);
    const more = { body: [], scope: { headers }, options: { maxDuplicateHeaders: Infinity } };
    expect(await refused(more)).toEqual([200, true, 1]);
  });

  test("headerMap: refuse makes an underscore a 400 [X14 S2]", async () => {
    const scope = { headers: [["x_foo", "1"]] } as const;
    expect(await refused({ scope, options: { headerMap: "refuse" } })).toEqual([400, false, 0]);
  });

  test("a body of another length than Content-Length says is a 400 [W24 C7]", async () => {
    const headers: Header[] = [["content-length", "4"]];
    expect(await refused({ body: ["abc"], scope: { headers } })).toEqual([400, false, 2]);
    expect(await refused({ body: ["abcde"], scope: { headers } })).toEqual([400, false, 2]);
    expect((await refused({ scope: { headers } }))[0]).toBe(400);
  });

  test("a client that goes away before its body is complete: the app is not called, nothing is logged [W24 W51 A31]", async () => {
    let called = false;
    const transport = await run(
      () => {
        called = true;
        return [];
      },
      { body: ["ab", null], scope: { headers: [["content-length", "4"]] } },
    );
    expect([called, transport.head, transport.logs]).toEqual([false, null, []]);
  });

  // ── spool ───────────────────────────────────────────────────────────────────────────────────────────────────

  test("a body of memoryLimit stays in memory, and a longer one goes to the spool, whole [W24]", async () => {
    const small = new TestSpools();
    const inMemory = await run(echo, { ...post("ab", "cd"), options: { spool: small, memoryLimit: 4 } });
    expect([inMemory.text(), small.calls]).toEqual(["abcd", []]);
    const large = new TestSpools();
    const spooled = await run(echo, { ...post("ab", "cd", "e"), options: { spool: large, memoryLimit: 4 } });
    expect(spooled.text()).toBe("abcde");
    expect(large.calls).toEqual(["open", "write 4", "write 1", "finish", "close"]);
  });

  test("a single piece beyond memoryLimit goes there too [W24]", async () => {
    const spools = new TestSpools();
    const transport = await run(echo, { ...post("abcde"), options: { spool: spools, memoryLimit: 4 } });
    expect([transport.text(), spools.calls]).toEqual(["abcde", ["open", "write 5", "finish", "close"]]);
  });

  test("memoryLimit is 64 KiB, unless the option says else [W24]", async () => {
    const at = new TestSpools();
    await run(echo, { ...post("x".repeat(65_536)), options: { spool: at } });
    expect(at.calls).toEqual([]);
    const over = new TestSpools();
    await run(echo, { ...post("x".repeat(65_537)), options: { spool: over } });
    expect(over.calls).toContain("write 65537");
  });

  test("without a spool everything stays in memory [W24]", async () => {
    const transport = await run(echo, { ...chunked("ab", "cd", "e"), options: { memoryLimit: 1 } });
    expect(transport.text()).toBe("abcde");
  });

  test.each([
    ["of a 413", { options: { maxBodySize: 4 } }],
    ["of a body that is too short", { scope: { headers: [["content-length", "9"]] as const } }],
    ["of a lost client", { body: ["ab", "cd", null] }],
  ])("the spool %s is closed, too [W24 S26]", async (_what, more) => {
    const spools = new TestSpools();
    await run(echo, {
      ...chunked("ab", "cd", "ef"),
      ...more,
      options: { ...("options" in more ? more.options : {}), spool: spools, memoryLimit: 1 },
    });
    expect(spools.calls.at(-1)).toBe("close");
    expect(spools.calls.filter((call) => call === "close")).toHaveLength(1);
  });

  test.each(["open", "write", "finish"])("a spool that cannot %s is a logged 500 [W24 W50]", async (call) => {
    const transport = await run(echo, {
      ...chunked("ab", "cd"),
      options: { spool: new TestSpools(call), memoryLimit: 1 },
    });
    expect([transport.head?.status, transport.text()]).toEqual([500, "Internal Server Error"]);
    expect(transport.errors.map(String)).toEqual([`Error: cannot ${call}`]);
  });

  test("the spool is closed when the app is done, and the input cannot be read any more [W24]", async () => {
    const spools = new TestSpools();
    let environ: Environ | undefined;
    await run(
      (given, startResponse) => {
        environ = given;
        startResponse("200 OK", []);
        return (function* () {
          for (const line of given["wsgi.input"]) {
            expect(spools.calls).not.toContain("close");
            yield line;
          }
        })();
      },
      { ...post("ab\n", "cd"), options: { spool: spools, memoryLimit: 1 } },
    );
    expect(spools.calls.at(-1)).toBe("close");
    expect(environ?.["wsgi.input"].read().length).toBe(0);
  });

  // ── after the response ──────────────────────────────────────────────────────────────────────────────────────

  function leaving(callbacks: AfterResponse[], app: WsgiApp): WsgiApp {
    return (environ, startResponse) => {
      (environ["tsgi.after_response"] as AfterResponse[]).push(...callbacks);
      return app(environ, startResponse);
    };
  }

  test("callbacks run after the response, the last one first, one after the other [W54]", async () => {
    const transport = new MemoryTransport();
    const order: string[] = [];
    const callbacks: AfterResponse[] = [
      () => void order.push(`first, ${transport.state}`),
      async () => {
        await turn();
        order.push("second");
      },
    ];
    await run(leaving(callbacks, echo), { transport });
    expect(order).toEqual(["second", "first, ended"]);
  });

  test("they get environ, status, headers, and no error [W54]", async () => {
    const seen: unknown[][] = [];
    let environ: Environ | undefined;
    await run(
      leaving([(...args) => void seen.push(args)], (given, startResponse) => {
        environ = given;
        startResponse("201 Created", new Map([["x", "y"]]));
        return [];
      }),
      {},
    );
    expect(seen).toEqual([[environ, "201 Created", [["x", "y"]], null]]);
    expect(seen[0]?.[0]).toBe(environ);
  });

  test("they get the error of an app that failed; the client has its 500 by then [W54]", async () => {
    const transport = new MemoryTransport();
    const boom = new Error("boom");
    const seen: unknown[] = [];
    await run(
      leaving(
        [(_environ, status, headers, error) => void seen.push(status, headers, error, transport.state)],
        () => {
          throw boom;
        },
      ),
      { transport },
    );
    // Behind a middleware the server is done with the request before the callbacks are.
    await turn();
    expect(seen).toEqual([null, [], boom, "ended"]);
    expect([transport.head?.status, transport.errors]).toEqual([500, [boom]]);
  });

  test("they run when the client went away, too [W51 W54]", async () => {
    let ran = false;
    const transport = startSync(
      leaving([() => void (ran = true)], (_environ, startResponse) => {
        startResponse("200 OK", []);
        return ["a", "b"];
      }),
      { plain, full: true },
    );
    await turn();
    transport.exchange.connectionLost();
    await transport.detached;
    await turn();
    expect([ran, transport.logs]).toEqual([true, []]);
  });

  test("a callback that throws or rejects is logged, and the others still run [W54 S26]", async () => {
    const errors: unknown[] = [];
    let ran = false;
    const callbacks: AfterResponse[] = [
      () => void (ran = true),
      () => {
        throw new Error("thrown");
      },
      () => Promise.reject(new Error("rejected")),
    ];
    const log = (_level: string, _message: string, error: unknown): void => void errors.push(error);
    const transport = await run(leaving(callbacks, echo), { options: { log } });
    expect(ran).toBe(true);
    expect([...errors, ...transport.errors].map(String)).toEqual(["Error: rejected", "Error: thrown"]);
  });

  // ── wsgi.errors, early hints ────────────────────────────────────────────────────────────────────────────────

  test("what the app writes to wsgi.errors is logged, an unfinished line at the end [W27]", async () => {
    const lines: string[] = [];
    const log = (_level: string, message: string): void => void lines.push(message);
    const transport = await run(
      (environ, startResponse) => {
        environ["wsgi.errors"].write("one\ntwo");
        return echo(environ, startResponse);
      },
      { options: { log } },
    );
    expect([...lines, ...transport.logs.map(([, message]) => message)]).toEqual(["one", "two"]);
    expect(transport.text()).toBe("");
  });

  test("wsgi.early_hints sends a 103 with the links [W54]", async () => {
    const transport = await run((environ, startResponse) => {
      environ["wsgi.early_hints"]?.([
        ["Link", "</a.css>; rel=preload"],
        ["link", "</b.css>; rel=preload"],
      ]);
      return echo(environ, startResponse);
    }, {});
    expect(transport.interim).toEqual([
      [103, ["link", "</a.css>; rel=preload", "link", "</b.css>; rel=preload"]],
    ]);
    expect(transport.head?.status).toBe(200);
  });

  test("other fields go along where the server can send them, and are left out where not [W54]", async () => {
    const app: WsgiApp = (environ, startResponse) => {
      environ["wsgi.early_hints"]?.([
        ["X-A", "1"],
        ["Link", "</a>"],
      ]);
      environ["wsgi.early_hints"]?.([]);
      return echo(environ, startResponse);
    };
    expect((await run(app, {})).interim).toEqual([[103, ["X-A", "1", "Link", "</a>"]]]);
    const linksOnly = { scope: { extensions: { "http.response.early_hint": {} } } };
    expect((await run(app, linksOnly)).interim).toEqual([[103, ["link", "</a>"]]]);
  });

  test.each([
    ["li nk", "x"],
    ["link", "a\r\nb"],
    ["link", "a\0"],
    ["link", "\u3042"],
  ])("the hint %j: %j throws into the app, and nothing of it is sent [W54 S4]", async (name, value) => {
    let thrown: unknown;
    const transport = await run((environ, startResponse) => {
      try {
        environ["wsgi.early_hints"]?.([[name, value]]);
      } catch (error) {
        thrown = error;
      }
      return echo(environ, startResponse);
    }, {});
    expect(thrown).toMatchObject({ code: "TSGI_ERR_HEADER" });
    expect([transport.interim, transport.head?.status]).toEqual([[], 200]);
  });

  test("over HTTP/1.0 a hint does nothing, and where the server has none the key is missing [W54]", async () => {
    const transport = await run(
      (environ, startResponse) => {
        environ["wsgi.early_hints"]?.([["Link", "</a>"]]);
        return echo(environ, startResponse);
      },
      { scope: { http_version: "1.0" } },
    );
    expect([transport.interim, transport.head?.status]).toEqual([[], 200]);
    expect(await environOf({ plain, scope: { extensions: {} } })).not.toHaveProperty(["wsgi.early_hints"]);
  });
});

test("the options of environ reach it [W17]", async () => {
  const options = { multithread: true, multiprocess: true, runOnce: true };
  expect(await environOf({ options })).toMatchObject({
    "wsgi.multithread": true,
    "wsgi.multiprocess": true,
    "wsgi.run_once": true,
  });
});

test("a request without a body is answered without waiting for anything [W24]", () => {
  const transport = startSync(echo);
  expect([transport.state, transport.reads]).toEqual(["ended", 0]);
});

test("a wsgi.input of an earlier request stays what it was [S27]", async () => {
  const first = await environOf(post("first"));
  await environOf(post("second"));
  expect(first["wsgi.input"].read()).toEqual(utf8Encode("first"));
});

test("the request is not done with before the callbacks are [W54]", async () => {
  let release: (() => void) | undefined;
  const waits = new Promise<void>((resolve) => {
    release = resolve;
  });
  const transport = startSync((environ, startResponse) => {
    (environ["tsgi.after_response"] as AfterResponse[]).push(() => waits);
    return echo(environ, startResponse);
  });
  expect(transport.state).toBe("ended");
  expect(await settled(transport.detached)).toBe(false);
  release?.();
  await transport.detached;
});

test("an error in making the environ that is not the client's is a logged 500 [W50]", async () => {
  const transport = await runSync(echo, { scope: { headers: null as never } });
  expect([transport.head?.status, transport.errors.length, errorCodes(transport)]).toEqual([
    500,
    1,
    [undefined],
  ]);
});
