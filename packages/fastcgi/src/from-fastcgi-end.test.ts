// How requests end that do not end well: clients that go away, upstreams that take too long, a server that shuts down.

import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { UnsupportedScopeError } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { fromFastCgi } from "./from-fastcgi.ts";
import { rawRecord } from "./record.test-support.ts";
import { clientOf, deferred, echo, scriptedUpstream, turns } from "./scripted-upstream.test-support.ts";

const HEAD = "Content-Type: text/plain\r\n\r\n";

describe("a client that goes away", () => {
  test("before the answer: its connection is closed, and nothing is logged [FC20]", async () => {
    const asked = deferred<void>();
    const closed = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      asked.resolve();
      await connection.closed;
      closed.resolve();
    });
    const exchange = clientOf(target, { keepAlive: true }).open("GET", "/");
    await asked.promise;
    exchange.disconnect();
    await closed.promise;
    await exchange.done;
    expect(exchange.log).toEqual([]);
  });

  test("within the answer: the same [FC20]", async () => {
    const closed = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout(`${HEAD}begun`);
      await connection.closed;
      closed.resolve();
    });
    const exchange = clientOf(target).open("GET", "/");
    await exchange.head;
    exchange.disconnect();
    await closed.promise;
    await exchange.done;
    expect(exchange.log).toEqual([]);
  });

  test("while its body waits for the upstream to read: the same [FC20 FC11]", async () => {
    const closed = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.head();
      connection.socket.pause();
      await connection.closed;
      closed.resolve();
    });
    const size = 50_000_000;
    const exchange = clientOf(target).open("POST", "/", { headers: { "content-length": String(size) } });
    const piece = new Uint8Array(64_000);
    let taken = 0;
    let waiting = false;
    const sending = (async (): Promise<void> => {
      for (; taken < size && !exchange.complete; taken += piece.length) await exchange.sendBody(piece);
    })();
    // Until nothing moves any more: the sockets are full.
    for (let before = -1; !waiting;) {
      waiting = before === taken;
      before = taken;
      for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(taken).toBeLessThan(16_000_000);
    exchange.disconnect();
    await exchange.done;
    expect(exchange.log).toEqual([]);
    await sending;
  });

  test("before it was connected: it gets no connection of its own [FC20]", async () => {
    const { target, connections } = await scriptedUpstream(echo);
    const exchange = clientOf(target).open("GET", "/");
    exchange.disconnect();
    await exchange.done;
    expect(exchange.log).toEqual([]);
    for (const connection of connections) await connection.closed;
    expect(connections.every(({ records }) => records.length === 0)).toBe(true);
  });
});

describe("an upstream that takes too long", () => {
  // Time passes when the test says so; sockets do not notice.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  test("to accept a connection: 504 [FC21]", async () => {
    const { target } = await scriptedUpstream(echo);
    const response = clientOf(target, { connectTimeout: 5_000 }).get("/");
    // Not even the system's answer can come within one turn of the event loop.
    for (let i = 0; i < 50; i += 1) await Promise.resolve();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(5_000);
    expect((await response).status).toBe(504);
    expect((await response).log[0]?.message).toContain("did not accept");
  });

  test("to answer: 504, and the connection is closed [FC21]", async () => {
    const asked = deferred<void>();
    const closed = deferred<void>();
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      asked.resolve();
      await connection.closed;
      closed.resolve();
    });
    const exchange = clientOf(target, { firstByteTimeout: 1_000, readTimeout: 1 }).open("GET", "/");
    await asked.promise;
    vi.advanceTimersByTime(999);
    await turns();
    expect(exchange.complete).toBe(false);
    vi.advanceTimersByTime(1);
    const response = await exchange.response();
    expect([response.status, response.text()]).toEqual([504, "Gateway Timeout"]);
    expect(response.log[0]?.message).toContain("does not answer, for 1000 ms");
    await closed.promise;
  });

  test("to go on within its head: 504 [FC21]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout("Status: 2");
      await connection.closed;
    });
    const exchange = clientOf(target, { firstByteTimeout: 1_000 }).open("GET", "/");
    await turns();
    vi.advanceTimersByTime(1_000);
    expect((await exchange.response()).status).toBe(504);
  });

  test("to go on within its body: the response is cut [FC21]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout(`${HEAD}begun`);
      await connection.closed;
    });
    const exchange = clientOf(target, { firstByteTimeout: 1, readTimeout: 1_000 }).open("GET", "/");
    await exchange.head;
    vi.advanceTimersByTime(999);
    await turns();
    expect(connections[0]?.socket.readableEnded).toBe(false);
    vi.advanceTimersByTime(1);
    const response = await exchange.response();
    expect([response.status, response.complete, response.text()]).toEqual([200, false, "begun"]);
    await connections[0]?.closed;
  });

  test("is waited for from its last sign of life on [FC21]", async () => {
    const more = [deferred<void>(), deferred<void>(), deferred<void>()];
    const { target } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout(HEAD);
      for (const { promise } of more) {
        await promise;
        await connection.stdout("x");
      }
      await connection.end();
      connection.close();
    });
    const exchange = clientOf(target, { readTimeout: 1_000 }).open("GET", "/");
    await exchange.head;
    for (const { resolve } of more) {
      vi.advanceTimersByTime(900);
      resolve();
      expect(await exchange.read()).toHaveLength(1);
    }
    expect((await exchange.response()).complete).toBe(true);
  });

  test.each([
    ["answers", "", 504],
    ["goes on with its answer", `${HEAD}begun`, 200],
  ])(
    "is not waited for as if STDERR without end were a sign that it %s [FC16 FC21 S9]",
    async (_what, begun, status) => {
      const said = [deferred<void>(), deferred<void>(), deferred<void>()];
      const { target } = await scriptedUpstream(async (connection) => {
        await connection.request();
        if (begun !== "") await connection.stdout(begun);
        for (const { promise } of said) {
          await promise;
          await connection.stderr("12345\n");
        }
        await connection.closed;
      });
      let logged = deferred<void>();
      const options = {
        firstByteTimeout: 1_000,
        readTimeout: 1_000,
        maxStderr: 12,
        log: () => logged.resolve(),
      };
      const exchange = clientOf(target, options).open("GET", "/");
      if (begun === "") await turns();
      else await exchange.head;
      // As much of it as is logged counts.
      for (const { resolve } of said) {
        expect(exchange.complete).toBe(false);
        vi.advanceTimersByTime(900);
        logged = deferred();
        resolve();
        await logged.promise;
      }
      vi.advanceTimersByTime(100);
      expect(await exchange.response()).toMatchObject({ status, complete: begun === "" });
    },
  );

  test("to read the request: 504 [FC21]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      connection.socket.pause();
      await connection.closed;
    });
    const body = new Uint8Array(30_000_000);
    const exchange = clientOf(target, { writeTimeout: 1_000 }).open("POST", "/", { body });
    await turns();
    vi.advanceTimersByTime(1_000);
    const response = await exchange.response();
    expect(response.status).toBe(504);
    expect(response.log[0]?.message).toContain("takes no more of the request");
  });

  test("to read the request, though it talks meanwhile: 504 [FC21]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      connection.socket.pause();
      for (let i = 0; i < 3; i += 1) {
        await turns();
        await connection.stderr("so much to read\n");
      }
      await connection.closed;
    });
    const body = new Uint8Array(30_000_000);
    const exchange = clientOf(target, { writeTimeout: 1_000 }).open("POST", "/", { body });
    while (exchange.log.length < 3) await turns();
    vi.advanceTimersByTime(1_000);
    expect((await exchange.response()).status).toBe(504);
  });

  test("to end what nobody waits for: its connection is closed [FC18 FC21]", async () => {
    const { target, connections } = await scriptedUpstream(async (connection) => {
      await connection.request();
      await connection.stdout(`${HEAD}a body`);
      await connection.closed;
    });
    const response = await clientOf(target, { readTimeout: 1_000, keepAlive: true }).head("/");
    expect([response.status, response.complete]).toEqual([200, true]);
    await turns();
    vi.advanceTimersByTime(1_000);
    await connections[0]?.closed;
    expect(response.log).toEqual([]);
  });

  test("is not to blame while the client is slow, with its request or with the response [FC21]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      const { body } = await connection.request();
      await connection.stdout(HEAD);
      for (let i = 0; i < 100; i += 1) await connection.stdout("y".repeat(60_000));
      await connection.stdout(body);
      await connection.end();
      connection.close();
    });
    const exchange = clientOf(target).open("POST", "/", { headers: { "content-length": "6" } });
    await exchange.sendBody("abc");
    await turns();
    vi.advanceTimersByTime(10 * 60_000);
    await exchange.sendBody("def");
    exchange.endBody();
    exchange.pause();
    expect((await exchange.head).status).toBe(200);
    await turns();
    vi.advanceTimersByTime(10 * 60_000);
    exchange.resume();
    const response = await exchange.response();
    expect([response.complete, response.body.length]).toEqual([true, 6_000_006]);
  });
});

describe("output that nobody waits for", () => {
  test("is read up to a limit [FC18 S8]", async () => {
    const connectionsFor = async (maxDrain: number): Promise<number> => {
      const { target, connections } = await scriptedUpstream(async (connection) => {
        for (;;) {
          await connection.request();
          await connection.stdout("X-A: b\r\n\r\n");
          await connection.stdout("12345");
          await connection.end();
        }
      });
      const client = clientOf(target, { keepAlive: true, maxConns: 1, maxDrain });
      for (let i = 0; i < 2; i += 1) expect((await client.head("/")).status).toBe(200);
      return connections.length;
    };
    expect(await connectionsFor(5)).toBe(1);
    expect(await connectionsFor(4)).toBe(2);
  });
});

test("a request that a kept connection was lost with after words on STDERR was begun, and is not sent again [FC19]", async () => {
  const { target, connections } = await scriptedUpstream(async (connection) => {
    await connection.request();
    await connection.answer("x");
    await connection.request();
    await connection.stderr("at work\n");
    connection.socket.end();
  });
  const client = clientOf(target, { keepAlive: true });
  expect((await client.get("/")).status).toBe(200);
  expect((await client.get("/")).status).toBe(502);
  expect(connections).toHaveLength(1);
});

describe("the lifespan", () => {
  test("closes what is open when it ends [FC19]", async () => {
    const { target, connections } = await scriptedUpstream(echo);
    const app = fromFastCgi(target, { keepAlive: true });
    const client = await createTestClient(app, { lifespan: "on" }).start();
    await client.get("/");
    await client.stop();
    await connections[0]?.closed;
    expect(connections).toHaveLength(1);
    // And it may begin again.
    await client.start();
    expect((await client.get("/")).status).toBe(200);
    await client.stop();
  });

  test("other scopes are not served", async () => {
    const app = fromFastCgi("127.0.0.1:9");
    const scope = { type: "websocket" } as Parameters<typeof app>[0];
    const call = async (): Promise<void> =>
      app(
        scope,
        async () => ({ type: "http.disconnect" }),
        async () => {},
      );
    await expect(call()).rejects.toBeInstanceOf(UnsupportedScopeError);
  });
});

describe("nothing is left behind", () => {
  test("by hundreds of requests that end in every way [FC19 FC20 S32]", async () => {
    const { target } = await scriptedUpstream(async (connection) => {
      for (let i = 0; ; i += 1) {
        const { params } = await connection.request();
        switch (params["QUERY_STRING"]) {
          case "0":
            await connection.answer("whole");
            break;
          case "1":
            await connection.stdout("Status: 200\r\nContent-Length: 9\r\n\r\nshort");
            return connection.close();
          case "2":
            await connection.write("garbage");
            break;
          case "3":
            return connection.close();
          case "4":
            await connection.write(rawRecord(6, 7, "for whom?"));
            break;
          default:
            await connection.stdout(`${HEAD}begun`);
            await connection.closed;
        }
      }
    }, "unix");
    const client = clientOf(target, { keepAlive: true, maxConns: 10 });
    const rounds = async (): Promise<void> => {
      for (let round = 0; round < 15; round += 1) {
        const gone = Array.from({ length: 4 }, () => client.open("GET", "/?5"));
        const answered = Array.from({ length: 16 }, (_, i) => client.get(`/?${i % 5}`).catch(() => {}));
        for (const exchange of gone) void exchange.head.then(() => exchange.disconnect());
        await Promise.all([...answered, ...gone.map(({ done }) => done)]);
      }
    };
    await rounds();
    const before = openFiles();
    await rounds();
    expect(openFiles()).toBeLessThan(before + 10);
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThan(20);
  });

  function openFiles(): number {
    return process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
  }
});
