// Requests that come before the last one is answered: each has its turn, its own end, and nothing of another's.

import { once } from "node:events";
import type { AsgiApp, HttpScope, SendEvent } from "@tsgi/core";
import { ClientDisconnected } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { HOSTS } from "./fixtures/hosts.ts";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate, type Gate } from "./fixtures/running.ts";
import { expectNoStrays, turns } from "./fixtures/strays.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const body = (text: string, more = false): SendEvent => ({
  type: "http.response.body",
  body: text,
  more_body: more,
});
const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;

type Route = (...args: Parameters<AsgiApp>) => void | Promise<void>;

/** An app of routes; a path without one is answered with itself. */
function routes(table: Readonly<Record<string, Route>>): AsgiApp {
  return (scope, receive, send) => {
    if (scope.type !== "http") return;
    const route = table[scope.path];
    if (route !== undefined) return route(scope, receive, send);
    void send(START);
    void send(body(scope.path));
  };
}

expectNoStrays();

describe.each(HOSTS)("%s", (_name, start) => {
  test("answers leave in the order of the requests, however late the first is [A46]", async () => {
    const first = gate();
    const { port } = await start(
      routes({
        "/1": async (_scope, _receive, send) => {
          await first.passed;
          await send(START);
          await send(body("/1"));
        },
        "/3": async () => {
          first.open();
        },
      }),
    );
    const received = await rawExchange(port, get("/1") + get("/2") + get("/3", "Connection: close\r\n"));
    expect(statuses(received)).toEqual([200, 200, 500]);
    expect(received).toMatch(/\/1.*\/2.*Internal/s);
  });

  test.each([
    ["without a body", get("/2")],
    ["whose body was read", "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"],
    [
      "whose chunked body was read",
      "POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
  ])(
    "a request %s that waits for its turn hears of a lost client [A8 A30 A34 X23]",
    async (_what, request) => {
      const waiting = gate();
      const over: Gate<unknown> = gate();
      const { port, logged } = await start(
        routes({
          "/1": async (_scope, receive) => {
            await receive();
            await receive();
          },
          "/2": async (scope, receive, send) => {
            const { signal } = scope as HttpScope;
            while (((await receive()) as { more_body: boolean }).more_body);
            const gone = receive();
            await send(START);
            const full = send(body("x".repeat(1_000_000), true));
            await turns();
            waiting.open();
            const error = await full.catch((caught: unknown) => caught);
            over.open([error, await gone, signal.aborted]);
          },
        }),
      );
      const client = await rawClient(port);
      client.send(get("/1") + request);
      await waiting.passed;
      client.destroy();
      expect(await over.passed).toEqual([expect.any(ClientDisconnected), { type: "http.disconnect" }, true]);
      expect(logged).toEqual([]);
    },
  );

  test("one that waits for its turn has room again when that comes [A7 A50]", async () => {
    const first = gate();
    const { port } = await start(
      routes({
        "/1": async (_scope, _receive, send) => {
          await first.passed;
          await send(START);
          await send(body("/1"));
        },
        "/2": async (_scope, _receive, send) => {
          await send(START);
          const full = send(body("x".repeat(1_000_000), true));
          await turns();
          first.open();
          await full;
          await send(body("end"));
        },
      }),
    );
    const received = await rawExchange(port, get("/1") + get("/2", "Connection: close\r\n"));
    expect(statuses(received)).toEqual([200, 200]);
    expect(received).toMatch(/end\r\n0\r\n\r\n$/);
    expect(received.length).toBeGreaterThan(1_000_000);
  });

  test("a response that is cut lets none of the later ones through [A45 A46]", async () => {
    const first = gate();
    const { port, logged } = await start(
      routes({
        "/1": async (_scope, _receive, send) => {
          await send(START);
          await send(body("begun", true));
          await first.passed;
          throw new Error("late");
        },
        "/3": (_scope, _receive, send) => {
          void send(START);
          void send(body("/3"));
          first.open();
        },
      }),
    );
    const received = await rawExchange(port, get("/1") + get("/2") + get("/3"));
    expect(statuses(received)).toEqual([200]);
    expect(received).toMatch(/begun\r\n$/);
    expect(logged).toHaveLength(1);
  });

  test.each([
    ["begun", "begun"],
    ["begun, and longer than the socket takes", "x".repeat(1_000_000)],
  ])(
    "one that is cut while it waits (%s) does no harm to the one before it [A45 A46]",
    async (_what, part) => {
      const first = gate();
      const failed = gate();
      const seen: string[] = [];
      const { port } = await start(
        routes({
          "/1": async (_scope, _receive, send) => {
            await send(START);
            await send(body("one", true));
            await first.passed;
            await send(body("two"));
          },
          "/2": async (_scope, _receive, send) => {
            void send(START);
            void send(body(part, true));
            failed.open();
            throw new Error("late");
          },
          "/3": (_scope, _receive, send) => {
            seen.push("/3");
            void send(START);
            void send(body("/3"));
          },
        }),
      );
      const client = await rawClient(port);
      client.send(get("/1") + get("/2"));
      await client.until("one");
      await failed.passed;
      await turns();
      client.send(get("/3"));
      await turns();
      first.open();
      const received = await client.ended;
      expect(seen).toEqual([]);
      expect(statuses(received)).toEqual([200]);
      expect(received).toMatch(/\r\ntwo\r\n0\r\n\r\n$/);
    },
  );

  test("as many may be at work behind the first as the limit says, and one more is a 503 [A46 S8]", async () => {
    const first = gate();
    const seen: string[] = [];
    const hold: Route = async (scope, _receive, send) => {
      seen.push((scope as HttpScope).path);
      await first.passed;
      await send(START);
      await send(body((scope as HttpScope).path));
    };
    const { port } = await start(routes({ "/1": hold, "/2": hold, "/3": hold, "/4": hold }), {
      maxPipelined: 2,
    });
    const client = await rawClient(port);
    client.send(get("/1") + get("/2") + get("/3"));
    await turns();
    // Those that are done do not count.
    first.open();
    await client.until("/3");
    const again = gate();
    const second = await start(
      routes({
        "/1": async () => again.passed,
        "/2": async () => again.passed,
        "/3": async () => again.passed,
      }),
      { maxPipelined: 2 },
    );
    const flood = await rawClient(second.port);
    flood.send(get("/1") + get("/fine").repeat(5) + get("/2") + get("/3") + get("/4") + get("/5"));
    await turns();
    again.open();
    expect(statuses(await flood.ended)).toEqual([500, 200, 200, 200, 200, 200, 500, 500, 503]);
    expect(seen).toEqual(["/1", "/2", "/3"]);
    client.destroy();
  });

  test("a response that closes the connection closes it, though one behind it was cut [A45 A46 A49]", async () => {
    const first = gate();
    const failed = gate();
    const { port } = await start(
      routes({
        "/1": async (_scope, _receive, send) => {
          await first.passed;
          await send(START);
          await send(body("/1"));
        },
        "/2": async (_scope, _receive, send) => {
          await send(START);
          // More than may wait: its end comes in its turn, when its own body has long been there.
          await send(body("x".repeat(200_000), true));
          await send(body("/2"));
        },
        "/3": async (_scope, _receive, send) => {
          void send(START);
          void send(body("begun", true));
          failed.open();
          throw new Error("late");
        },
      }),
      { maxDiscard: 10 },
    );
    const client = await rawClient(port);
    client.send(get("/1"));
    client.send(`POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n${"b".repeat(20)}${get("/3")}`);
    await failed.passed;
    await turns();
    first.open();
    const received = await client.ended;
    expect(statuses(received)).toEqual([200, 200]);
    expect(received).toMatch(/\r\n2\r\n\/2\r\n0\r\n\r\n$/);
  });

  test("an early hint of a waiting request leaves right before its own head [A51 A46]", async () => {
    const first = gate();
    const { port } = await start(
      routes({
        "/1": async (_scope, _receive, send) => {
          await first.passed;
          await send(START);
          await send(body("one"));
        },
        "/2": async (_scope, _receive, send) => {
          await send({ type: "http.response.early_hint", links: ["</a>"] });
          first.open();
          await send(START);
          await send(body("two"));
        },
      }),
    );
    const received = await rawExchange(port, get("/1") + get("/2", "Connection: close\r\n"));
    expect(statuses(received)).toEqual([200, 103, 200]);
  });

  test("requests by the thousand on one connection leave nothing behind on it [S32]", async () => {
    const { port, server } = await start(routes({}));
    const connected = once(server, "connection");
    const client = await rawClient(port);
    const [socket] = (await connected) as [NodeJS.EventEmitter];
    const count = (): Record<string, number> =>
      Object.fromEntries(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
    await client.send(get("/x").repeat(2) + get("/first")).until("/first");
    await turns();
    const before = count();
    for (let round = 0; round < 10; round += 1) {
      client.send(get("/x").repeat(499) + get(`/round${round}`));
      await client.until(`/round${round}`);
    }
    await turns();
    expect(count()).toEqual(before);
    expect(statuses(client.received)).toHaveLength(5_003);
    client.destroy();
  });
});
