// Requests with the same id, sent before the one before is over: each is answered in its turn, whatever becomes of it.
// Sources: FastCGI 1.0 §3.3, §5.4, §5.5; requirements F16, F21, F28, F54, F56.

import { describe, expect, test } from "vitest";
import { AUTHORIZER, OVERLOADED } from "./constants.ts";
import {
  GET,
  POST,
  abort,
  begin,
  clientOf,
  gates,
  getOf,
  params,
  request,
  stdin,
  type RawClient,
} from "./raw-client.test-support.ts";
import { rawRecord } from "./record.test-support.ts";
import type { FastCgiOptions } from "./serve-options.ts";

interface Pipeline {
  readonly client: RawClient;
  /** Lets the first request, whose path is /1, be answered. */
  open(path: string): Promise<void>;
}

/** A connection whose first request is at work. */
async function pipeline(options: FastCgiOptions = {}): Promise<Pipeline> {
  const { app, open, reached } = gates();
  const client = await clientOf(app, options);
  client.send(request(getOf("/1")));
  await reached("/1");
  return { client, open };
}

/** Waits until the server has read everything that was sent. */
async function read(client: RawClient): Promise<void> {
  const before = client.records.length;
  client.send(rawRecord(99, 0));
  await client.until(() => client.records.slice(before).some(({ id }) => id === 0));
}

describe("a request that is refused waits for the one before it", () => {
  const tooLong = { ...GET, X: "x".repeat(2_000) };

  test("if its parameters are too long [F28 F54]", async () => {
    const { client, open } = await pipeline({ maxParamsSize: 1_000 });
    client.send(request(tooLong), request(getOf("/3")));
    await read(client);
    expect(client.records.filter(({ id }) => id === 1)).toEqual([]);
    await open("/1");
    expect((await client.answer(1)).stdout).toContain("\r\n\r\n/1");
    const { length } = (await client.answer(1)).records;
    const second = await client.answer(1, length);
    expect(second.stdout).toMatch(/^Status: 431 /);
    await open("/3");
    expect((await client.answer(1, length + second.records.length)).stdout).toContain("\r\n\r\n/3");
  });

  test.each([
    ["before its parameters", [begin(), abort()]],
    ["among its parameters", [begin(), params(POST).subarray(0, -8), abort()]],
    ["before its body", [begin(), params(POST), abort()]],
  ])("if it is aborted %s [F54 F56]", async (_when, records) => {
    const { client, open } = await pipeline();
    client.send(...records);
    await read(client);
    expect(client.records.filter(({ id }) => id === 1)).toEqual([]);
    await open("/1");
    const first = await client.answer(1);
    expect(first.stdout).toContain("\r\n\r\n/1");
    expect((await client.answer(1, first.records.length)).stdout).toBe("");
  });

  test("if its parameters do not come in time [F22 F54]", async () => {
    const { client, open } = await pipeline({ headersTimeout: 20 });
    client.send(begin(1), begin(2));
    // The other one, which waits for nobody, tells that the time is over.
    expect((await client.answer(2)).stdout).toMatch(/^Status: 408 /);
    expect(client.records.filter(({ id }) => id === 1)).toEqual([]);
    await open("/1");
    const first = await client.answer(1);
    expect(first.stdout).toContain("\r\n\r\n/1");
    expect((await client.answer(1, first.records.length)).stdout).toMatch(/^Status: 408 /);
  });
});

test("the time limit of PARAMS does not count while a complete request waits for its turn [F22 F54]", async () => {
  const { client, open } = await pipeline({ headersTimeout: 20 });
  client.send(request(getOf("/2")), begin(2));
  expect((await client.answer(2)).stdout).toMatch(/^Status: 408 /);
  await Promise.all([open("/1"), open("/2")]);
  const first = await client.answer(1);
  expect(first.stdout).toContain("\r\n\r\n/1");
  expect((await client.answer(1, first.records.length)).stdout).toContain("\r\n\r\n/2");
});

test.each([
  ["one too many", { maxRequestsPerConnection: 1 }, request(getOf("/2"))],
  ["of a role nobody serves", {}, begin(1, 1, AUTHORIZER)],
])(
  "a request that may not begin, as it is %s, takes no other's END_REQUEST: the connection ends after those [F18 F21 F54]",
  async (_why, options, next) => {
    const { client, open } = await pipeline(options);
    client.send(next, stdin());
    // The server asks whether anybody is still there: it has read what it will read.
    await client.until(() => client.torn);
    await open("/1");
    const { stdout, protocolStatus } = await client.answer(1);
    expect(stdout).toContain("\r\n\r\n/1");
    expect(protocolStatus).not.toBe(OVERLOADED);
    await client.ended;
    expect(client.records.filter(({ type }) => type === 3)).toHaveLength(1);
  },
);
