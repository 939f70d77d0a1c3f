// What an app's response is on the wire.
// Source: FastCGI 1.0 §5.3, §5.5, §6.1, appendix B; requirements F41 to F50.

import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { ResponseAborted, wsgi, type AsgiApp } from "@tsgi/core";
import { END_REQUEST, REQUEST_COMPLETE, STDERR, STDOUT } from "./constants.ts";
import {
  GET,
  POST,
  begin,
  clientOf,
  connectTo,
  gate,
  keptLog,
  params,
  request,
  serveForTest,
  stdin,
  textAnswer,
  textApp,
} from "./raw-client.test-support.ts";

/** An app that sends a response in pieces. */
function pieces(headers: [string, string][], ...bodies: (string | Uint8Array)[]): AsgiApp {
  return async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers });
    for (const body of bodies) await send({ type: "http.response.body", body, more_body: true });
    await send({ type: "http.response.body" });
  };
}

describe("a response", () => {
  test("is its head and body, the empty STDOUT and END_REQUEST, in this order: appendix B.1 [F41 F43 F45]", async () => {
    const client = await clientOf(textApp(() => "hello"));
    client.send(request());
    const { records } = await client.answer();
    expect(records).toEqual([
      { type: STDOUT, id: 1, content: textAnswer("hello") },
      { type: STDOUT, id: 1, content: "" },
      { type: END_REQUEST, id: 1, content: "\0\0\0\0\0\0\0\0" },
    ]);
  });

  test("that is complete at once is one write [F7 F70]", async () => {
    const server = await serveForTest(textApp(() => "hello"));
    const writes: unknown[] = [];
    server.server?.once("connection", (socket: Socket) => {
      const { write } = socket;
      socket.write = ((...args: Parameters<Socket["write"]>) => {
        writes.push(args[0]);
        return Reflect.apply(write, socket, args);
      }) as Socket["write"];
    });
    const client = await connectTo(server);
    client.send(request());
    await client.answer();
    expect(writes).toHaveLength(1);
  });

  test("without a body has both records that end it [F43]", async () => {
    const client = await clientOf(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 204 });
      await send({ type: "http.response.body" });
    });
    client.send(request());
    const { records } = await client.answer();
    expect(records.map(({ type, content }) => [type, content])).toEqual([
      [STDOUT, "Status: 204 No Content\r\n\r\n"],
      [STDOUT, ""],
      [END_REQUEST, "\0\0\0\0\0\0\0\0"],
    ]);
  });

  test("to HEAD is its head alone [F41 C20]", async () => {
    const client = await clientOf(textApp(() => "hello"));
    client.send(request({ ...GET, REQUEST_METHOD: "HEAD" }));
    expect((await client.answer()).stdout).toBe("Status: 200 OK\r\ncontent-type: text/plain\r\n\r\n");
  });

  test("is no NPH response, whatever the script is called [F42]", async () => {
    const client = await clientOf(textApp(() => "x"));
    client.send(request({ ...GET, SCRIPT_NAME: "/nph-x", SCRIPT_FILENAME: "/srv/nph-x" }));
    expect((await client.answer()).stdout).toBe(textAnswer("x"));
  });

  test("keeps the case of its names, its repeated fields and their order; hop-by-hop fields are left out [F47]", async () => {
    const headers: [string, string][] = [
      ["Content-Type", "text/html"],
      ["Set-Cookie", "a=1; Expires=Thu, 01 Jan 1970"],
      ["X-Octets", "\xe9\xff"],
      ["connection", "close"],
      ["transfer-encoding", "chunked"],
      ["Set-Cookie", "b=2"],
    ];
    const client = await clientOf(pieces(headers, "x"));
    client.send(request());
    expect((await client.answer()).stdout).toBe(
      "Status: 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a=1; Expires=Thu, 01 Jan 1970\r\nX-Octets: \xe9\xff\r\nSet-Cookie: b=2\r\n\r\nx",
    );
  });

  test("with a line break in a header is a 500, and the app is told [F47 S4]", async () => {
    const client = await clientOf(pieces([["x-a", "b\r\nStatus: 200 Injected"]], "x"));
    client.send(request());
    const { stdout, appStatus } = await client.answer();
    expect(stdout).toMatch(/^Status: 500 Internal Server Error\r\n/);
    expect(stdout).not.toMatch(/Injected/);
    expect(appStatus).toBe(1);
  });

  test("whose body looks like a head is not touched [F47 W49]", async () => {
    const client = await clientOf(pieces([["content-type", "x/y"]], "Foo: Bar\r\n\r\nStatus: 500\r\n"));
    client.send(request());
    expect((await client.answer()).stdout).toBe(
      "Status: 200 OK\r\ncontent-type: x/y\r\n\r\nFoo: Bar\r\n\r\nStatus: 500\r\n",
    );
  });

  test("with a body and without Content-Type is of no guessed type [F48 S18]", async () => {
    const client = await clientOf(pieces([], "x"));
    client.send(request());
    expect((await client.answer()).stdout).toBe(
      "Status: 200 OK\r\ncontent-type: application/octet-stream\r\n\r\nx",
    );
  });

  test.each([
    ["text", "\u00e9\u20ac\ud83d\ude00", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"],
    ["bytes", Uint8Array.of(0, 0xff, 0x80, 0x0d), "\x00\xff\x80\r"],
    ["a Buffer", Buffer.from("b\xe9", "latin1"), "b\xe9"],
    ["long text", "\u00e9".repeat(50_000), "\xc3\xa9".repeat(50_000)],
    ["long bytes", new Uint8Array(200_000).fill(0xfe), "\xfe".repeat(200_000)],
    ["66000 bytes", new Uint8Array(66_000).fill(7), "\x07".repeat(66_000)],
  ] as const)("of %s is those octets, at once or in pieces [F5 F6]", async (_kind, body, octets) => {
    const whole: AsgiApp = async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "x/y"]] });
      await send({ type: "http.response.body", body });
    };
    for (const app of [whole, pieces([["content-type", "x/y"]], body)]) {
      const client = await clientOf(app);
      client.send(request());
      const { stdout } = await client.answer();
      expect(stdout.slice(stdout.indexOf("\r\n\r\n") + 4) === octets).toBe(true);
      client.send(request());
      await client.answer(1, client.records.length);
    }
  });

  test("is sent piece by piece, as the app gives it [F49]", async () => {
    const next = gate();
    const client = await clientOf(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "x/y"]] });
      await send({ type: "http.response.body", body: "one", more_body: true });
      await next.promise;
      await send({ type: "http.response.body", body: "two" });
    });
    client.send(request());
    await client.until(() => client.records.length === 1);
    expect(client.records[0]?.content).toMatch(/\r\n\r\none$/);
    next.open();
    expect((await client.answer()).records.map(({ content }) => content).slice(1, 3)).toEqual(["two", ""]);
  });

  test("leaves on a socket without delay [F49]", async () => {
    const server = await serveForTest(textApp(() => "x"));
    expect((server.server as unknown as { noDelay: boolean }).noDelay).toBe(true);
  });

  test("of a sync app is sent piece by piece too, and its log is STDERR [F44 W27 W41]", async () => {
    const client = await clientOf(
      wsgi((environ, startResponse) => {
        environ["wsgi.errors"].write("one \u20ac\ntwo\n");
        startResponse("200 OK", [["content-type", "x/y"]]);
        return ["a", "b"];
      }),
    );
    client.send(request());
    const { stdout, stderr, records } = await client.answer();
    expect(stdout).toBe("Status: 200 OK\r\ncontent-type: x/y\r\n\r\nab");
    expect(stderr).toMatch(/one \xe2\x82\xac\n.*two\n$/s);
    expect(records.at(-2)).toEqual({ type: STDOUT, id: 1, content: "" });
    expect(records.filter(({ type, content }) => type === STDERR && content === "")).toHaveLength(1);
  });
});

describe("back-pressure", () => {
  test("an app waits while nobody reads its response, and memory stays flat [W42 A50 S10]", async () => {
    let sent = 0;
    let waits = false;
    const waiting = gate();
    const chunk = new Uint8Array(65_536);
    const server = await serveForTest(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, headers: [["content-type", "x/y"]] });
      for (; sent < 1_000; sent += 1) {
        const room = send({ type: "http.response.body", body: chunk, more_body: true });
        const timely = await Promise.race([room.then(() => true), turns(50)]);
        if (!timely && !waits) {
          waits = true;
          waiting.open();
        }
        await room;
      }
      await send({ type: "http.response.body" });
    });
    let taken: Socket | undefined;
    server.server?.once("connection", (socket: Socket) => {
      taken = socket;
    });
    const client = await connectTo(server);
    client.socket.pause();
    client.send(request());
    await waiting.promise;
    expect(sent).toBeLessThan(900);
    expect(taken?.writableLength).toBeLessThan(4 * 65_536);
    client.socket.resume();
    const { stdout } = await client.answer();
    expect(stdout.length).toBeGreaterThan(1_000 * 65_536);
  });

  /** So many turns of the event loop. */
  async function turns(count: number): Promise<false> {
    for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
    return false;
  }

  test("a web server that asks and asks, and reads no answer, is not read from [S10 F22]", async () => {
    const server = await serveForTest(textApp(() => "x"));
    const paused = gate();
    let taken: Socket | undefined;
    server.server?.once("connection", (socket: Socket) => {
      taken = socket;
      socket.once("pause", paused.open);
    });
    const client = await connectTo(server);
    client.socket.pause();
    const flood = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.from([1, 99, 0, 0, 0, 0, 0, 0])));
    for (let i = 0; i < 200; i += 1) client.socket.write(flood);
    await paused.promise;
    expect(taken?.writableLength).toBeLessThan(1_000_000);
    client.socket.destroy();
  });
});

describe("STDERR", () => {
  const grumble: AsgiApp = async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "x/y"]] });
    await send({ type: "http.response.body", body: "begun", more_body: true });
    throw new Error("in the middle\nof it");
  };

  test("is not there if there is nothing to say [F44]", async () => {
    const client = await clientOf(textApp(() => "x"));
    client.send(request());
    expect((await client.answer()).records.some(({ type }) => type === STDERR)).toBe(false);
  });

  test("is one line for each, without a stack, ended by an empty record: appendix B.3 [F44 F46 S20 S30]", async () => {
    const client = await clientOf(async () => {
      throw new Error("first\nsecond \x1b[31m");
    });
    client.send(request());
    const { stderr, records } = await client.answer();
    expect(stderr).toMatch(/^error: .*Error: first\\u\{a\}second \\u\{1b\}\[31m\n$/);
    const kinds = records.map(({ type, content }) => [type, content === ""]);
    expect(kinds).toEqual([
      [STDOUT, false],
      [STDERR, false],
      [STDERR, true],
      [STDOUT, true],
      [END_REQUEST, false],
    ]);
  });

  test("is silent if it shall be, and the log has it all the same [F44]", async () => {
    const { log, lines } = keptLog();
    const client = await clientOf(grumble, { stderr: false, log });
    client.send(begin(), params(), begin(2), stdin());
    expect((await client.answer()).stderr).toBe("");
    expect(lines).toHaveLength(1);
  });

  test("of an error that cannot be shown is a line without it [S26]", async () => {
    const client = await clientOf(async () => {
      // oxlint-disable-next-line typescript/only-throw-error -- an app may
      throw { toString: null };
    });
    client.send(request());
    expect((await client.answer()).stderr).toMatch(/^error: .*\n$/);
  });

  test("leaves in one piece with END_REQUEST: HAProxy 2.6 dies of one that is the last it has read [F44 F7]", async () => {
    const client = await clientOf(
      wsgi((environ, startResponse) => {
        environ["wsgi.errors"].write("before\n");
        startResponse("200 OK", [["content-type", "x/y"]]);
        return ["a", "b"];
      }),
    );
    client.send(request());
    const { stderr, records } = await client.answer();
    expect(stderr).toMatch(/before\n$/);
    expect(records.map(({ type }) => type)).toEqual([STDOUT, STDOUT, STDERR, STDERR, STDOUT, END_REQUEST]);
  });

  test("of an app that writes without end is left out beyond 8 KiB [S10]", async () => {
    const client = await clientOf(
      wsgi((environ, startResponse) => {
        for (let i = 0; i < 50_000; i += 1) environ["wsgi.errors"].write(`${"x".repeat(1_000)}\n`);
        startResponse("200 OK", []);
        return ["written"];
      }),
    );
    client.send(request());
    const { stdout, stderr } = await client.answer();
    expect(stdout).toMatch(/written$/);
    expect(stderr.length).toBeGreaterThan(7_000);
    expect(stderr.length).toBeLessThanOrEqual(8 * 1024);
  });
});

describe("an app that fails", () => {
  test("before its head is a 500 without a word of why, and the connection serves on [F46 S20]", async () => {
    let fails = true;
    const client = await clientOf(
      textApp(() => {
        if (fails) throw new Error("secret of /srv/app");
        return "fine";
      }),
    );
    client.send(request());
    const { stdout, appStatus, protocolStatus } = await client.answer();
    expect(stdout).toBe(
      "Status: 500 Internal Server Error\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 21\r\n\r\nInternal Server Error",
    );
    expect([appStatus, protocolStatus]).toEqual([1, REQUEST_COMPLETE]);
    fails = false;
    client.send(request());
    const before = client.records.length;
    expect((await client.answer(1, before)).stdout).toBe(textAnswer("fine"));
  });

  // oxlint-disable-next-line typescript/prefer-promise-reject-errors
  const rejected: AsgiApp = () => Promise.reject();
  const thrown = wsgi(() => {
    throw undefined;
  });
  test.each<[how: string, app: AsgiApp]>([
    ["async", rejected],
    ["sync", thrown],
  ])("without an error (%s) has failed all the same [F45 F46]", async (_how, app) => {
    const client = await clientOf(app);
    client.send(request());
    const { stdout, appStatus, stderr } = await client.answer();
    expect(stdout).toMatch(/^Status: 500 /);
    expect(appStatus).toBe(1);
    expect(stderr).toContain("undefined");
  });

  /** An app that fails after its first piece. */
  const breaks = (headers: [string, string][]): AsgiApp =>
    async function app(_scope, _receive, send) {
      await send({ type: "http.response.start", status: 200, headers });
      await send({ type: "http.response.body", body: "begun", more_body: true });
      throw new Error("in the middle");
    };

  test.each([[[["content-length", "9"]]], [[["content-type", "x/y"]]]] as [[string, string][]][])(
    "after it, with %j, breaks the connection, so that the web server can tell [F46]",
    async (headers) => {
      const client = await clientOf(breaks(headers));
      client.send(request());
      await client.ended;
      expect(client.records.slice(0, 3).map(({ type }) => type)).toEqual([STDOUT, STDERR, STDERR]);
      expect(client.records[0]?.content).toMatch(/begun$/);
      expect(client.records[1]?.content).toMatch(/in the middle/);
      expect(client.records.some(({ type }) => type === END_REQUEST)).toBe(false);
      expect(client.torn).toBe(false);
    },
  );

  test("after it, without one, while others are at work, ends with status 1 [F46 F52]", async () => {
    const client = await clientOf(breaks([["content-type", "x/y"]]));
    client.send(begin(2), request());
    expect(await client.answer()).toMatchObject({ appStatus: 1 });
    client.send(begin(3), params(GET, 2));
    expect(await client.answer(2)).toMatchObject({ appStatus: 1 });
  });

  test("by hanging up closes the connection, and nothing is said [F46]", async () => {
    const { log, lines } = keptLog();
    const client = await clientOf(
      async () => {
        throw new ResponseAborted();
      },
      { log },
    );
    client.send(request());
    await client.ended;
    expect([client.records, lines]).toEqual([[], []]);
  });

  test("by returning without a response is a 500 [F46]", async () => {
    const client = await clientOf(async () => {});
    client.send(request());
    expect((await client.answer()).stdout).toMatch(/^Status: 500 /);
  });
});

describe("a web server that is gone", () => {
  test.each(["tcp", "unix"])(
    "in the middle of a response (%s) is a disconnect for the app, and nothing is logged [F50 F55]",
    async () => {
      const { log, lines } = keptLog();
      const over = gate();
      let seen: unknown;
      const server = await serveForTest(
        async (scope, _receive, send) => {
          const { signal } = scope as { signal: AbortSignal };
          await send({ type: "http.response.start", status: 200, headers: [["content-type", "x/y"]] });
          try {
            for (;;) {
              await send({ type: "http.response.body", body: "x".repeat(10_000), more_body: true });
              await new Promise((resolve) => setImmediate(resolve));
            }
          } catch (error) {
            seen = [(error as { code: string }).code, signal.aborted];
            over.open();
            throw error;
          }
        },
        { log },
      );
      const client = await connectTo(server);
      client.send(request(POST));
      await client.until(() => client.records.length > 2);
      client.socket.destroy();
      await over.promise;
      expect(seen).toEqual(["ECONNRESET", true]);
      expect(lines).toEqual([]);
      const again = await connectTo(server);
      again.send(request());
      await once(again.socket, "data");
    },
  );
});
