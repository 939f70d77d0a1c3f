// What fromFastCgi makes of an upstream's answer, however it is cut into records, and whatever else is among them.

import { describe, expect, test } from "vitest";
import type { TestResponse } from "@tsgi/testing";
import { END_REQUEST, STDERR, STDOUT } from "./constants.ts";
import type { FromFastCgiOptions } from "./from-fastcgi-options.ts";
import { rawRecord } from "./record.test-support.ts";
import { clientOf, deferred, endContent, scriptedUpstream } from "./scripted-upstream.test-support.ts";

const HEAD = "Content-Type: text/plain\r\n\r\n";

/** The response to a request that is answered with these bytes, and then the connection's end. */
async function answered(
  parts: readonly (Uint8Array | string)[],
  options: FromFastCgiOptions = {},
  method: string = "GET",
): Promise<TestResponse> {
  const { target } = await scriptedUpstream(async (connection) => {
    await connection.request();
    await connection.write(...parts);
    connection.socket.end();
  });
  return clientOf(target, options).request(method, "/");
}

const stdout = (content: string, padding = 0): Uint8Array => rawRecord(STDOUT, 1, content, { padding });
const stderr = (content: string): Uint8Array => rawRecord(STDERR, 1, content);
const end = (appStatus = 0, protocolStatus = 0): Uint8Array =>
  rawRecord(END_REQUEST, 1, endContent(appStatus, protocolStatus));

describe("the records of a response", () => {
  test("may be cut anywhere, with STDERR in between [FC12]", async () => {
    const text = `Status: 201 Made\r\nX-A: b\r\nContent-Type: text/plain\r\n\r\nthe body`;
    for (let at = 1; at < text.length; at += 1) {
      const { target } = await scriptedUpstream(async (connection) => {
        await connection.request();
        await connection.write(stdout(text.slice(0, at)), stderr("warning\n"), stdout(text.slice(at)), end());
        connection.close();
      });
      const response = await clientOf(target, { log() {} }).get("/");
      expect([response.status, response.reason, response.header("x-a"), response.text()]).toEqual([
        201,
        "Made",
        "b",
        "the body",
      ]);
    }
  });

  test("may come byte by byte [FC12 FC13]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      connection.socket.setNoDelay(true);
      const bytes = Buffer.concat([stdout(`${HEAD}body`, 5), stdout("", 3), end()]);
      for (const byte of bytes) await connection.write(Uint8Array.of(byte));
      connection.close();
    });
    expect((await clientOf(target).get("/")).text()).toBe("body");
  });

  test("may be padded, empty, and without an empty STDOUT record [FC13]", async () => {
    const parts = [stderr(""), stdout(HEAD, 7), stdout("a", 255), stderr(""), stdout("b"), end()];
    const response = await answered(parts);
    expect([response.complete, response.text()]).toEqual([true, "ab"]);
  });

  test("may end with an empty STDOUT record, and then the connection, without END_REQUEST [FC13]", async () => {
    const response = await answered([stdout(`${HEAD}whole`), stdout("")]);
    expect([response.complete, response.text()]).toEqual([true, "whole"]);
  });

  test("may leave the reserved octets of their headers as they are [FC13]", async () => {
    const padded = rawRecord(STDOUT, 1, `${HEAD}x`, { reserved: 0xff, padding: 1 });
    expect((await answered([padded, end()])).text()).toBe("x");
  });
});

describe("the head", () => {
  test("is 200 without a Status, 302 with a Location [FC17]", async () => {
    expect((await answered([stdout(`${HEAD}x`), end()])).status).toBe(200);
    const moved = await answered([stdout("Location: http://example.org/x\r\n\r\n"), end()]);
    expect([moved.status, moved.header("location")]).toEqual([302, "http://example.org/x"]);
    const local = await answered([stdout("Location: /x\r\n\r\n"), end()]);
    expect([local.status, local.header("location")]).toEqual([302, "/x"]);
  });

  test("loses what is for the server in front only [FC17 S21]", async () => {
    const fields = [
      "Status: 404 Gone Fishing",
      "X-Accel-Redirect: /secret",
      "X-Sendfile: /etc/passwd",
      "X-Accel-Expires: 1",
    ];
    const more = [
      "X-CGI-a: b",
      "Connection: close",
      "Transfer-Encoding: chunked",
      "Set-Cookie: a",
      "Set-Cookie: b",
      "X-Own: o",
    ];
    const response = await answered([stdout([...fields, ...more, "", ""].join("\r\n")), end()]);
    expect([response.status, response.reason]).toEqual([404, "Gone Fishing"]);
    const names = response.headers.map(([name]) => name);
    expect(names.filter((name) => name !== "content-length")).toEqual(["set-cookie", "set-cookie", "x-own"]);
    expect(response.headerValues("set-cookie")).toEqual(["a", "b"]);
  });

  test.each([
    ["nothing at all", []],
    ["only the end", [end()]],
    ["an empty STDOUT", [stdout(""), end()]],
    ["an end within the head", [stdout("Content-Type: text/pl"), end()]],
    ["an end of the connection within the head", [stdout("Content-Type: text/pl")]],
    ["an end of the connection within a record", [stdout(`${HEAD}body`).subarray(0, 20)]],
    ["only errors", [stderr("no!\n"), end(255)]],
    ["a line that is no field", [stdout("<html>\r\n\r\n"), end()]],
    ["a field that would be two", [stdout("X-A: b\rX-B: c\r\n\r\n"), end()]],
    ["a status that is none", [stdout("Status: ok\r\n\r\n"), end()]],
    ["a status of 99", [stdout("Status: 99\r\n\r\n"), end()]],
  ])("%s is answered 502 [FC14 FC12 S4]", async (_, parts) => {
    const response = await answered(parts);
    expect([response.status, response.text()]).toEqual([502, "Bad Gateway"]);
    expect(response.log.some(({ level }) => level === "error")).toBe(true);
  });

  test("has limits, which are kept to the byte [FC12 S8]", async () => {
    const head = "X-A: b\r\nX-C: d\r\n\r\n";
    const status = async (options: FromFastCgiOptions): Promise<number> =>
      (await answered([stdout(head), end()], options)).status;
    expect(await status({ maxHeadSize: head.length })).toBe(200);
    expect(await status({ maxHeadSize: head.length - 1 })).toBe(502);
    expect(await status({ maxHeadLines: 2 })).toBe(200);
    expect(await status({ maxHeadLines: 1 })).toBe(502);
  });
});

describe("the body", () => {
  test("is cut off at its Content-Length, and the connection is not used again [FC18]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      for (;;) {
        await connection.request();
        await connection.answer("12345678", "Content-Length: 5\r\n");
      }
    });
    const client = clientOf(target, { keepAlive: true });
    for (let i = 0; i < 2; i += 1) {
      const response = await client.get("/");
      expect([response.complete, response.text()]).toEqual([true, "12345"]);
    }
    expect(connections).toHaveLength(2);
  });

  test("that is too short cuts the response [FC18]", async () => {
    const short = await answered([stdout("Content-Length: 5\r\n\r\n123"), end()]);
    expect([short.status, short.complete, short.text()]).toEqual([200, false, "123"]);
  });

  test("without an end cuts the response [FC14]", async () => {
    const cut = await answered([stdout(`${HEAD}123`)]);
    expect([cut.status, cut.complete]).toEqual([200, false]);
  });

  test.each([
    ["HEAD", "Content-Type: text/plain\r\n"],
    ["GET", "Status: 204\r\n"],
    ["GET", "Status: 304\r\n"],
  ])("of %s, %j is left out, and the connection is used again [FC18]", async (method, head) => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      for (;;) {
        await connection.request();
        await connection.answer("x".repeat(200_000), head);
      }
    });
    // The second request has to wait for the connection.
    const client = clientOf(target, { keepAlive: true, maxConns: 1 });
    for (let i = 0; i < 2; i += 1) {
      const response = await client.request(method, "/");
      expect([response.complete, response.body.length]).toEqual([true, 0]);
    }
    expect(connections).toHaveLength(1);
  });

  test("is passed on as it comes [FC22]", async () => {
    const go = [deferred<void>(), deferred<void>()] as const;
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout("Content-Type: text/event-stream\r\n\r\ndata: 1\n\n");
      await go[0].promise;
      await connection.stdout("data: 2\n\n");
      await go[1].promise;
      await connection.end();
      connection.close();
    });
    const exchange = clientOf(target).open("GET", "/events");
    const events = exchange.serverSentEvents();
    expect((await events.next()).value?.data).toBe("1");
    go[0].resolve();
    expect((await events.next()).value?.data).toBe("2");
    go[1].resolve();
    expect((await events.next()).done).toBe(true);
    expect(exchange.complete).toBe(true);
  });

  test("begins before the request has ended, and both go on [FC11]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.head();
      await connection.stdout(HEAD);
      for (let left = 6; left > 0;) {
        const { content } = await connection.record();
        left -= content.length;
        await connection.stdout(content.toUpperCase());
      }
      await connection.record();
      await connection.end();
      connection.close();
    });
    const exchange = clientOf(target).open("POST", "/", { headers: { "content-length": "6" } });
    await exchange.sendBody("abc");
    expect((await exchange.head).status).toBe(200);
    expect(Buffer.from((await exchange.read()) ?? "").toString()).toBe("ABC");
    await exchange.sendBody("def");
    exchange.endBody();
    expect((await exchange.response()).text()).toBe("DEF");
  });

  test("longer than all buffers comes while the request is still on its way: nobody waits for the other [FC11]", async () => {
    const size = 8_000_000;
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.head();
      // Written without having read, more than sockets hold.
      await connection.stdout(HEAD);
      for (let at = 0; at < size; at += 50_000) await connection.stdout("y".repeat(50_000));
      await connection.stdin();
      await connection.end();
      connection.close();
    });
    const response = await clientOf(target).post("/", { body: "x".repeat(size) });
    expect([response.complete, response.body.length]).toEqual([true, size]);
  });

  test.each(["tcp", "unix"] as const)(
    "of an upstream that answers by %s and hangs up in the middle of the request is not lost [FC11 FC19]",
    async (by) => {
      const { target } = await scriptedUpstream(async (connection) => {
        await connection.head();
        await connection.answer("too much", "Status: 413\r\n");
        // With a reset, as there is more of the request that it has not read.
        connection.close();
      }, by);
      const client = clientOf(target);
      for (let i = 0; i < 20; i += 1) {
        const response = await client.post("/", { body: new Uint8Array(3_000_000) });
        expect([response.status, response.text(), response.log]).toEqual([413, "too much", []]);
      }
    },
  );

  test("waits for a slow client, and so does the upstream [FC11 FC22 S10]", async () => {
    let written = 0;
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout(HEAD);
      for (; written < 24_000_000; written += 64_000) await connection.stdout("z".repeat(64_000));
      await connection.end();
      connection.close();
    });
    const exchange = clientOf(target).open("GET", "/");
    exchange.pause();
    await exchange.head;
    // As long as anything moves, bytes are written.
    for (let before = -1; before !== written;) {
      before = written;
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(written).toBeLessThan(12_000_000);
    exchange.resume();
    const response = await exchange.response();
    expect([response.complete, response.body.length]).toEqual([true, 24_000_000]);
  });
});

describe("the end", () => {
  test.each([
    ["UNKNOWN_ROLE", 3, 502],
    ["OVERLOADED", 2, 503],
    ["CANT_MPX_CONN", 1, 502],
    ["an unheard-of status", 77, 502],
  ])("%s is answered [FC14]", async (_, protocolStatus, status) => {
    expect((await answered([end(0, protocolStatus)])).status).toBe(status);
  });

  test("with a protocol status after output cuts the response, or answers 502 if nothing has left yet [FC14]", async () => {
    expect((await answered([stdout(`${HEAD}a`), end(0, 2)])).status).toBe(502);
    const go = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout(`${HEAD}abc`);
      await go.promise;
      await connection.end(0, 2);
      connection.close();
    });
    const exchange = clientOf(target).open("GET", "/");
    await exchange.head;
    go.resolve();
    expect((await exchange.response()).complete).toBe(false);
  });

  test("with an application status is logged [FC14]", async () => {
    const response = await answered([stdout(`${HEAD}a`), end(255)]);
    expect(response.complete).toBe(true);
    expect(response.log.map(({ message }) => message)).toContainEqual(expect.stringContaining("status 255"));
  });
});

describe("records that have no place there", () => {
  test.each([
    ["of a request that was never begun", rawRecord(STDOUT, 2, "x")],
    ["of request 0", rawRecord(STDOUT, 0, "x")],
    ["of a type for applications", rawRecord(5, 1, "x")],
    ["of an unknown type", rawRecord(42, 1, "x")],
    ["an END_REQUEST that is too short", rawRecord(END_REQUEST, 1, "\0\0\0")],
    ["of another version", rawRecord(STDOUT, 1, "x", { version: 2 })],
    ["no records at all", "HTTP/1.1 400 Bad Request\r\n\r\n"],
  ])("%s: 502, and the connection is closed [FC15]", async (_, bytes) => {
    const closed = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.write(bytes);
      await connection.closed;
      closed.resolve();
    });
    const response = await clientOf(target).get("/");
    expect(response.status).toBe(502);
    await closed.promise;
  });

  test("answers to questions nobody has asked are passed over [FC15]", async () => {
    const parts = [rawRecord(10, 0, ""), rawRecord(11, 0, "\x09\0\0\0\0\0\0\0"), stdout(`${HEAD}a`), end()];
    expect((await answered(parts)).text()).toBe("a");
  });

  test("in the middle of a response cut it [FC15]", async () => {
    const go = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout(`${HEAD}abc`);
      await go.promise;
      await connection.write("garbage!");
    });
    const exchange = clientOf(target).open("GET", "/");
    await exchange.head;
    go.resolve();
    expect((await exchange.response()).complete).toBe(false);
  });
});

describe("STDERR", () => {
  test("is logged by lines, and is for no client [FC16 S30]", async () => {
    const parts = [
      stderr("PHP War"),
      stderr("ning: \x1b[31mred\nsecond"),
      stdout(`${HEAD}a`),
      stderr(" line"),
      end(),
    ];
    const response = await answered(parts);
    expect(response.text()).toBe("a");
    const lines = response.log.map(({ message }) => message.replace(/^FastCGI stderr of [^ ]+: /, ""));
    expect(lines).toEqual(["PHP Warning: \\x1b[31mred", "second line"]);
  });

  test("of more than a megabyte breaks nothing, and little of it is kept [FC16]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      for (let i = 0; i < 100; i += 1) await connection.stderr(`${"e".repeat(49)}\n`.repeat(1_000));
      await connection.answer("fine");
      connection.close();
    });
    const response = await clientOf(target).get("/");
    expect(response.text()).toBe("fine");
    const bytes = response.log.reduce((sum, { message }) => sum + message.length, 0);
    expect(bytes).toBeLessThan(200_000);
    expect(response.log.at(-1)?.message).toContain("more than 65536 bytes");
  });

  test("is told up to its limit [FC16 S8]", async () => {
    const lines = async (maxStderr: number): Promise<string[]> => {
      const response = await answered([stderr("12345\n"), stdout(`${HEAD}a`), end()], { maxStderr });
      return response.log.map(({ message }) => message.replace(/^.*?: /, ""));
    };
    expect(await lines(5)).toEqual(["12345"]);
    expect(await lines(4)).toEqual(["(more than 4 bytes: the rest is left out)"]);
  });

  test.each<[string | RegExp]>([["Fatal"], [/fatal/gi]])(
    "with %s in it is answered 502 [FC16]",
    async (pattern) => {
      const { target } = await scriptedUpstream(async (connection) => {
        await connection.request();
        await connection.stderr("x".repeat(10_000));
        await connection.stderr("\nPHP Fatal error\n");
        await connection.answer("a page in pieces");
        connection.close();
      });
      const options = { catchStderr: [pattern], maxStderr: 100 };
      for (let i = 0; i < 2; i += 1) expect((await clientOf(target, options).get("/")).status).toBe(502);
      expect((await clientOf(target, { catchStderr: ["Other"] }).get("/")).status).toBe(200);
    },
  );

  test("after the head is too late to be caught [FC16]", async () => {
    const parts = [stdout(`${HEAD}a`), stderr("Fatal\n"), end()];
    expect((await answered(parts, { catchStderr: ["Fatal"] })).text()).toBe("a");
  });

  test("goes to a log of one's own, where there is one [FC16]", async () => {
    const lines: string[] = [];
    const log = (level: string, message: string): void => void lines.push(`${level} ${message}`);
    const response = await answered([stderr("told\n"), stdout(`${HEAD}a`), end()], { log });
    expect(response.log).toEqual([]);
    expect(lines).toEqual([expect.stringMatching(/^warn FastCGI stderr of 127\.0\.0\.1:\d+: told$/)]);
  });
});
