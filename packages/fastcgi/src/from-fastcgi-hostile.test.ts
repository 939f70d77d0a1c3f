// An upstream that does anything at all: whatever it sends, each request has an end, the next one is served, and nothing escapes.

import { expect, test } from "vitest";
import { createTestClient } from "@tsgi/testing";
import { BEGIN_REQUEST } from "./constants.ts";
import { fromFastCgi } from "./from-fastcgi.ts";
import { Chance } from "./fuzz.test-support.ts";
import { rawRecord } from "./record.test-support.ts";
import { endContent, scriptedUpstream } from "./scripted-upstream.test-support.ts";

const SEED = 20_261_123;

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
function answerOf(chance: Chance, own: number): Buffer {
  const records: Uint8Array[] = [];
  const id = chance.below(12) === 0 ? chance.below(4) : own;
  if (chance.below(8) > 0)
    records.push(rawRecord(6, id, chance.one(HEADS), { padding: chance.below(3) * 7 }));
  for (let count = chance.below(6); count > 0; count -= 1) {
    const type = chance.below(10) === 0 ? chance.below(256) : 6 + chance.below(2);
    const content = String.fromCharCode(97 + chance.below(26)).repeat(
      chance.below(4) === 0 ? 0 : chance.below(3_000),
    );
    records.push(
      rawRecord(type, chance.below(30) === 0 ? chance.below(65_536) : id, content, {
        padding: chance.below(2) * chance.below(256),
      }),
    );
  }
  if (chance.below(5) > 0)
    records.push(
      rawRecord(
        3,
        id,
        endContent(chance.below(3) * chance.below(300), chance.below(6) === 0 ? chance.below(6) : 0),
      ),
    );
  const bytes = Buffer.concat(records);
  // A few octets are changed, and sometimes all that follows is lost.
  if (chance.below(3) === 0)
    for (let n = chance.below(4); n > 0 && bytes.length > 0; n -= 1)
      bytes[chance.below(bytes.length)] = chance.below(256);
  return chance.below(4) === 0 ? bytes.subarray(0, chance.below(bytes.length + 1)) : bytes;
}

test.each([
  ["connections kept", { keepAlive: true }],
  ["a connection for each request", {}],
  ["several on a connection", { multiplex: true, maxRequests: 3 }],
])(
  "1000 random answers, with %s [FC13 FC14 FC15 S13]",
  async (_, options) => {
    const chance = new Chance(SEED);
    const { target } = await scriptedUpstream(async (connection) => {
      for (;;) {
        // Whatever comes is answered, once for each request that begins.
        const { type, id, content } = await connection.record();
        if (type !== 5 || content !== "") continue;
        const bytes = answerOf(chance, id);
        for (let at = 0; at < bytes.length;) {
          const end = chance.below(3) === 0 ? at + 1 + chance.below(20) : bytes.length;
          await connection.write(bytes.subarray(at, end));
          at = end;
        }
        if (chance.below(3) === 0) return connection.close();
        if (connection.records.filter((record) => record.type === BEGIN_REQUEST).length > 20)
          return connection.close();
        // One that has nothing more to say leaves the gateway waiting: the connection's end ends that.
        if (chance.below(2) === 0) return void connection.socket.end();
        setImmediate(() => chance.below(2) === 0 && connection.close());
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
