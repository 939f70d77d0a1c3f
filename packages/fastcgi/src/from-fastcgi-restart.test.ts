// An upstream that goes away and comes back while more requests are there than connections may be.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { clientOf, deferred, scriptedUpstream, turns } from "./scripted-upstream.test-support.ts";

/** The path of a socket on which nobody listens. */
function deadSocket(): string {
  const folder = mkdtempSync(join(tmpdir(), "tsgi-restart-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "socket");
}

describe("requests that wait for a connection", () => {
  test("do not wait on when nobody can be connected to: each is answered as the first is [FC21 FC23]", async () => {
    const client = clientOf({ path: deadSocket() }, { maxConns: 1, queueTimeout: 1_000_000 });
    const responses = await Promise.all(Array.from({ length: 5 }, () => client.get("/")));
    expect(responses.map(({ status }) => status)).toEqual([502, 502, 502, 502, 502]);
  });

  test("do not wait on when the upstream is gone with those before them [FC21 FC23]", async () => {
    const gate = deferred<void>();
    const upstream = await scriptedUpstream(async (connection) => {
      await connection.request();
      await gate.promise;
      connection.close();
    });
    const client = clientOf(upstream.target, { maxConns: 2, queueTimeout: 1_000_000 });
    const responses = Array.from({ length: 7 }, () => client.get("/"));
    while (upstream.connections.length < 2) await turns();
    await upstream.close();
    expect((await Promise.all(responses)).map(({ status }) => status)).toEqual(Array(7).fill(502));
  });
});
