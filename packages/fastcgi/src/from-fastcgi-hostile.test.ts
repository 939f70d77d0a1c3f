// An upstream that does anything at all: whatever it sends, each request has an end, the next one is served, and nothing escapes.

import { expect, test } from "vitest";
import { createTestClient } from "@tsgi/testing";
import { BEGIN_REQUEST } from "./constants.ts";
import { fromFastCgi } from "./from-fastcgi.ts";
import { rawRecord } from "./record.test-support.ts";
import { endContent, scriptedUpstream } from "./scripted-upstream.test-support.ts";

const SEED = 20_261_123;

/** A small generator of the same numbers each time (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const HEADS = [
  "Content-Type: text/plain\r\n\r\n",
  "Status: 404 Not Here\r\n\r\n",
  "Content-Length: 5\r\n\r\n",
  "Location: /elsewhere\n\n",
  "Status: 304\r\nX: y\r\n\r\n",
  "\r\n",
  "no head\r\n\r\n",
  "Status: 99999\r\n\r\n",
];

/** Records of an answer, right or wrong, in an order right or wrong. */
function answerOf(pick: (below: number) => number, own: number): Buffer {
  const records: Uint8Array[] = [];
  const id = pick(12) === 0 ? pick(4) : own;
  if (pick(8) > 0) records.push(rawRecord(6, id, HEADS[pick(HEADS.length)], { padding: pick(3) * 7 }));
  for (let count = pick(6); count > 0; count -= 1) {
    const type = pick(10) === 0 ? pick(256) : 6 + pick(2);
    const content = String.fromCharCode(97 + pick(26)).repeat(pick(4) === 0 ? 0 : pick(3_000));
    records.push(
      rawRecord(type, pick(30) === 0 ? pick(65_536) : id, content, { padding: pick(2) * pick(256) }),
    );
  }
  if (pick(5) > 0)
    records.push(rawRecord(3, id, endContent(pick(3) * pick(300), pick(6) === 0 ? pick(6) : 0)));
  const bytes = Buffer.concat(records);
  // A few octets are changed, and sometimes all that follows is lost.
  if (pick(3) === 0)
    for (let n = pick(4); n > 0 && bytes.length > 0; n -= 1) bytes[pick(bytes.length)] = pick(256);
  return pick(4) === 0 ? bytes.subarray(0, pick(bytes.length + 1)) : bytes;
}

test.each([
  ["connections kept", { keepAlive: true }],
  ["a connection for each request", {}],
  ["several on a connection", { multiplex: true, maxRequests: 3 }],
])(
  "1000 random answers, with %s [FC13 FC14 FC15 S13]",
  async (_, options) => {
    const pick = random(SEED);
    const { target } = await scriptedUpstream(async (connection) => {
      for (;;) {
        // Whatever comes is answered, once for each request that begins.
        const { type, id, content } = await connection.record();
        if (type !== 5 || content !== "") continue;
        const bytes = answerOf(pick, id);
        for (let at = 0; at < bytes.length;) {
          const end = pick(3) === 0 ? at + 1 + pick(20) : bytes.length;
          await connection.write(bytes.subarray(at, end));
          at = end;
        }
        if (pick(3) === 0) return connection.close();
        if (connection.records.filter((record) => record.type === BEGIN_REQUEST).length > 20)
          return connection.close();
        // One that has nothing more to say leaves the gateway waiting: the connection's end ends that.
        if (pick(2) === 0) return void connection.socket.end();
        setImmediate(() => pick(2) === 0 && connection.close());
      }
    }, "unix");
    const app = fromFastCgi(target, { ...options, log: () => {}, firstByteTimeout: 200, readTimeout: 200 });
    const client = createTestClient(app, { raiseAppErrors: false });
    const methods = ["GET", "POST", "HEAD", "PUT"];
    const statuses = new Map<number, number>();
    const ask = async (i: number): Promise<void> => {
      const method = methods[i % 4] as string;
      const body = method === "GET" || method === "HEAD" ? null : "b".repeat(i % 1_000);
      // However it ends, it does, and the client sees a response or a cut one.
      const { status } = await client.request(method, `/${i}`, { body });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < 1_000) await ask((next += 1));
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    // Right answers and wrong ones were both among them, or this has tested nothing.
    expect([statuses.get(200), statuses.get(502)].every((count) => (count ?? 0) > 0)).toBe(true);
  },
  60_000,
);
