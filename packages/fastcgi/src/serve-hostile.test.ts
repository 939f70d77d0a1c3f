// Web servers that break off, make no sense, or ask for more than anybody can give: the outcome is clear, nothing is left, and others are served.
// Source: requirements F22, F55, S9, S10, S13, S14; CVE-2012-6687, CVE-2025-23016, golang issues 11824, 81548.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { AsgiApp } from "@tsgi/core";
import { BEGIN_REQUEST, END_REQUEST, GET_VALUES, OVERLOADED, PARAMS, STDIN } from "./constants.ts";
import { decodePairs } from "./pairs.ts";
import {
  GET,
  POST,
  abort,
  begin,
  connectTo,
  keptLog,
  pairsOf,
  params,
  request,
  stdin,
  textAnswer,
  type KeptLog,
  type RawClient,
} from "./raw-client.test-support.ts";
import { joinBytes, rawRecord } from "./record.test-support.ts";
import { serveFastCgi, type FastCgiServer } from "./serve-fastcgi.ts";

let server: FastCgiServer;
let kept: KeptLog;
let running = 0;

/** Reads its body, then answers; it knows how many of it are at work. */
const app: AsgiApp = async (_scope, receive, send) => {
  running += 1;
  try {
    for (;;) {
      const event = await receive();
      if (event.type !== "http.request") return;
      if (!event.more_body) break;
    }
    await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
    await send({ type: "http.response.body", body: "hello" });
  } finally {
    running -= 1;
  }
};

beforeEach(async () => {
  running = 0;
  kept = keptLog();
  const limits = { shutdownTimeout: 5_000, lingerTimeout: 50, abortTimeout: 0 } as const;
  server = await serveFastCgi(app, { port: 0, lifespan: "off", log: kept.log, ...limits });
});

/** Whatever a test did: a well-behaved one is served, then everything ends by itself, and no app is left at work. */
afterEach(async () => {
  await expectService();
  const { clean } = await server.close();
  expect([clean, running]).toEqual([true, 0]);
});

async function expectService(): Promise<void> {
  const client = await connectTo(server);
  client.send(request({ ...POST, CONTENT_LENGTH: "3" }, 1, "abc", 0));
  expect((await client.answer()).stdout).toBe(textAnswer("hello"));
  await client.ended;
  client.socket.destroy();
}

/** A connection that has sent some octets and then its end, or is gone; waits until the server has closed it. */
async function sendAndLeave(octets: Uint8Array, how: "end" | "destroy"): Promise<RawClient> {
  const client = await connectTo(server);
  client.socket.on("error", () => {});
  client.socket.write(octets);
  if (how === "end") client.socket.end();
  else client.socket.destroySoon();
  await client.ended;
  client.socket.destroy();
  return client;
}

const WHOLE = joinBytes(
  rawRecord(GET_VALUES, 0, pairsOf({ FCGI_MPXS_CONNS: "" })),
  begin(1),
  rawRecord(PARAMS, 1, pairsOf(GET).slice(0, 20), { padding: 3 }),
  rawRecord(PARAMS, 1, pairsOf(GET).slice(20)),
  rawRecord(PARAMS, 1),
  stdin("abc"),
  stdin(),
);

test.each(["end", "destroy"] as const)(
  "a connection that breaks off (%s) after any octet of a request leaves nothing behind [F55 S13]",
  async (how) => {
    for (let length = 0; length < WHOLE.length; length += 1) {
      await sendAndLeave(WHOLE.subarray(0, length), how);
    }
    expect(kept.lines).toEqual([]);
  },
);

test("octets that are no records close the connection at once, each time with one line in the log [F2 S13]", async () => {
  const garbage = [
    "GET / HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01",
    "\x00".repeat(100_000),
    "\xff",
    "\x02\x01\x00\x01",
  ];
  for (const octets of garbage) {
    const client = await connectTo(server);
    client.socket.on("error", () => {});
    client.socket.write(octets, "latin1");
    await client.ended;
    expect(client.records).toEqual([]);
  }
  expect(kept.lines).toHaveLength(garbage.length);
});

test("two thousand connections without a request hold nobody up [S14 F66]", async () => {
  const { address } = server as { address: readonly [string, number] };
  const idle: Socket[] = [];
  onTestFinished(() => idle.forEach((socket) => socket.destroy()));
  for (let i = 0; i < 2_000; i += 50) {
    const some = Array.from({ length: 50 }, () => connect(address[1], address[0]));
    await Promise.all(some.map((socket) => once(socket, "connect")));
    // A part of them has begun to say something.
    some.slice(0, 20).forEach((socket) => socket.write(Uint8Array.of(1, BEGIN_REQUEST, 0)));
    idle.push(...some);
  }
  await expectService();
  const ended = idle.map((socket) => once(socket.resume(), "close"));
  idle.forEach((socket) => socket.end());
  await Promise.all(ended);
});

test("a flood of requests that never get further is refused beyond the limit, and dropped with its connection [F22 F21]", async () => {
  const client = await connectTo(server);
  for (let id = 1; id <= 65_535; id += 100) {
    client.socket.write(joinBytes(...Array.from({ length: 100 }, (_, i) => begin(Math.min(id + i, 65_535)))));
  }
  await client.until(() => client.records.length > 65_000);
  const refused = client.records.filter(
    ({ type, content }) => type === END_REQUEST && content.charCodeAt(4) === OVERLOADED,
  );
  expect(refused).toHaveLength(client.records.length);
  client.socket.destroy();
});

test("parameters without end are refused at the limit, and what still comes of them is nobody's [F28 F22]", async () => {
  const client = await connectTo(server);
  client.send(begin());
  const piece = rawRecord(PARAMS, 1, "\x7f".repeat(60_000));
  for (let i = 0; i < 200; i += 1) client.socket.write(piece);
  expect((await client.answer()).stdout).toMatch(/^Status: 431 /);
  client.send(rawRecord(PARAMS, 1), stdin(), request(GET, 2));
  expect((await client.answer(2)).stdout).toBe(textAnswer("hello"));
  client.socket.destroy();
});

test("a body that goes on after its response is nobody's, and the connection serves on [F13 F38]", async () => {
  const client = await connectTo(server);
  client.send(request());
  await client.answer();
  const piece = stdin("x".repeat(60_000));
  for (let i = 0; i < 200; i += 1) client.socket.write(piece);
  client.send(request(GET, 2));
  expect((await client.answer(2)).stdout).toBe(textAnswer("hello"));
  client.socket.destroy();
});

test("a hundred thousand records without content are read in one go, and mean nothing [S13]", async () => {
  const client = await connectTo(server);
  client.send(begin(), params({ ...POST, CONTENT_LENGTH: "3" }));
  const nothing = joinBytes(...Array.from({ length: 1_000 }, () => rawRecord(STDIN, 9)));
  for (let i = 0; i < 100; i += 1) client.socket.write(nothing);
  client.send(stdin("abc"), stdin());
  expect((await client.answer()).stdout).toBe(textAnswer("hello"));
  client.socket.destroy();
});

test("requests that are aborted as soon as they have begun leave nothing behind [F56 F22]", async () => {
  const client = await connectTo(server);
  for (let i = 0; i < 500; i += 1) {
    client.send(
      begin(1),
      params({ ...POST, CONTENT_LENGTH: "9" }, 1),
      stdin("x", 1),
      abort(1),
      begin(2),
      abort(2),
    );
    await client.until(
      () => client.records.filter(({ type }) => type === END_REQUEST).length === 2 * (i + 1),
    );
  }
  expect(running).toBe(0);
  client.socket.destroy();
});

test("a GET_VALUES as long as a record can be is answered with what is known of it [F9 S13]", async () => {
  const client = await connectTo(server);
  const names = Array.from({ length: 5_000 }, (_, i) => [`N${i}`, ""] as const);
  const question = pairsOf([...names, ["FCGI_MPXS_CONNS", ""]]);
  client.send(rawRecord(GET_VALUES, 0, question));
  await client.until(() => client.records.length === 1);
  expect(decodePairs(client.records[0]?.content ?? "")).toEqual(["FCGI_MPXS_CONNS", "1"]);
  client.socket.destroy();
});

test("connections that are opened and reset at once leave nothing behind [F55 S14]", async () => {
  const { address } = server as { address: readonly [string, number] };
  for (let i = 0; i < 200; i += 1) {
    const socket = connect(address[1], address[0]).on("error", () => {});
    await once(socket, "connect");
    socket.write(request(POST));
    socket.resetAndDestroy();
    await once(socket, "close");
  }
  expect(kept.lines).toEqual([]);
});
