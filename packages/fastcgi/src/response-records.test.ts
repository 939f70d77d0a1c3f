// How a response is divided into records.
// Sources: FastCGI 1.0 §3.3, §5.3; requirements F5, F41, F44; https://github.com/haproxy/haproxy/issues/2150.

import { describe, expect, test } from "vitest";
import { latin1Encode, type AsgiApp } from "@tsgi/core";
import { STDERR } from "./constants.ts";
import { clientOf, request } from "./raw-client.test-support.ts";

const headOf = (size: number): string =>
  `Status: 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${size}\r\n\r\n`;
/** The longest body that has a place in the record of its head. */
const MOST = 8 * 1024 - headOf(8_000).length;

function sends(body: string | Uint8Array, more_body: boolean): AsgiApp {
  return async (_scope, _receive, send) => {
    const headers: [string, string][] = [
      ["content-type", "text/plain"],
      ["content-length", String(body.length)],
    ];
    await send({ type: "http.response.start", status: 200, headers });
    await send({ type: "http.response.body", body, more_body });
    if (more_body) await send({ type: "http.response.body" });
  };
}

describe("the head is in a record of 8 KiB at most, or alone, so that it is not read in part", () => {
  test.each([
    ["at once", false],
    ["in pieces", true],
  ])("sent %s [F5 F41]", async (_how, more) => {
    for (const [size, together] of [
      [MOST, true] as const,
      [MOST + 1, false] as const,
      [60_000, false] as const,
    ]) {
      const body = "z".repeat(size);
      const client = await clientOf(sends(body, more));
      client.send(request());
      const { stdout, records } = await client.answer();
      expect(stdout === headOf(size) + body).toBe(true);
      expect(records[0]?.content === headOf(size) + (together ? body : "")).toBe(true);
    }
  });

  test("octets of any length [F5 F41]", async () => {
    const client = await clientOf(sends(latin1Encode("z".repeat(MOST + 1)), false));
    client.send(request());
    expect((await client.answer()).records[0]?.content).toBe(headOf(MOST + 1));
  });
});

test("STDERR has padding, so that its content is never the last that was read [F44 F5]", async () => {
  const client = await clientOf(async () => {
    throw new Error("why");
  });
  const chunks: Buffer[] = [];
  client.socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  client.send(request());
  await client.answer();
  const octets = Buffer.concat(chunks);
  const at = octets.indexOf(Buffer.from([1, STDERR, 0, 1]));
  const [end, padding] = [at + 8 + octets.readUInt16BE(at + 4), octets[at + 6] as number];
  expect([...octets.subarray(end, end + padding + 2)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, STDERR]);
});
