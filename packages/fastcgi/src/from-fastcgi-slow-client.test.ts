// A client that reads slowly: no time runs against the upstream while the client has what it can take.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { STDERR, STDOUT } from "./constants.ts";
import { rawRecord } from "./record.test-support.ts";
import { clientOf, deferred, scriptedUpstream, turns } from "./scripted-upstream.test-support.ts";

const HEAD = "Content-Type: text/plain\r\n\r\n";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

test("what the upstream says on STDERR meanwhile starts no time [FC16 FC21]", async () => {
  const gate = deferred<void>();
  const { target } = await scriptedUpstream(async (connection) => {
    await connection.request();
    await connection.stdout(HEAD);
    for (let i = 0; i < 3; i += 1) {
      await connection.write(rawRecord(STDOUT, 1, "y".repeat(20_000)), rawRecord(STDERR, 1, "a notice\n"));
    }
    await gate.promise;
    await connection.end();
    connection.close();
  });
  const exchange = clientOf(target, {}, { highWaterMark: 1 }).open("GET", "/");
  exchange.pause();
  await exchange.head;
  await turns();
  vi.advanceTimersByTime(10 * 60_000);
  gate.resolve();
  exchange.resume();
  const response = await exchange.response();
  expect([response.complete, response.body.length]).toEqual([true, 60_000]);
});

test("nor does the rest of the request, which the client sends meanwhile [FC11 FC21]", async () => {
  const received = deferred<void>();
  const { target } = await scriptedUpstream(async (connection) => {
    await connection.head();
    await connection.stdout(HEAD);
    for (let i = 0; i < 3; i += 1) await connection.stdout("y".repeat(20_000));
    await connection.stdin();
    received.resolve();
    for (let i = 0; i < 10; i += 1) await connection.stdout("y".repeat(60_000));
    await connection.end();
    connection.close();
  });
  const exchange = clientOf(target, {}, { highWaterMark: 1 }).open("POST", "/", {
    headers: { "content-length": "6" },
  });
  await exchange.sendBody("abc");
  exchange.pause();
  await exchange.head;
  await turns();
  await exchange.sendBody("def");
  exchange.endBody();
  await received.promise;
  await turns();
  vi.advanceTimersByTime(10 * 60_000);
  exchange.resume();
  const response = await exchange.response();
  expect([response.complete, response.body.length]).toEqual([true, 660_000]);
});

test("once it has the whole response, the upstream has its time to end again [FC18 FC21]", async () => {
  const { target, connections } = await scriptedUpstream(async (connection) => {
    await connection.request();
    await connection.stdout(`Content-Length: 60000\r\n${HEAD}`);
    const piece = rawRecord(STDOUT, 1, "y".repeat(20_000));
    await connection.write(piece, piece, piece);
    await connection.closed;
  });
  const options = { readTimeout: 1_000, keepAlive: true };
  const exchange = clientOf(target, options, { highWaterMark: 1 }).open("GET", "/");
  exchange.pause();
  await exchange.head;
  await turns();
  vi.advanceTimersByTime(10 * 60_000);
  exchange.resume();
  const response = await exchange.response();
  expect([response.complete, response.body.length, response.log]).toEqual([true, 60_000, []]);
  await turns();
  vi.advanceTimersByTime(1_000);
  await connections[0]?.closed;
});
