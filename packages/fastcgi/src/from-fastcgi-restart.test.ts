// An upstream that goes away and comes back while more requests are there than connections may be.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  clientOf,
  deferred,
  echo,
  scriptedUpstream,
  turns,
  type ScriptedUpstream,
} from "./scripted-upstream.test-support.ts";

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

describe("of two upstreams, one that breaks off on a fresh connection", () => {
  const breaking = (): Promise<ScriptedUpstream> =>
    scriptedUpstream(async (connection) => {
      await connection.request();
      connection.close();
    });

  test("is not the end of a GET, which the other answers; nor is it asked first for a while [FC19 FC23]", async () => {
    const [broken, whole] = await Promise.all([breaking(), scriptedUpstream(echo)]);
    const client = clientOf([broken.target, whole.target]);
    for (let i = 0; i < 6; i += 1) expect((await client.get("/")).text()).toBe("GET ");
    expect(broken.connections).toHaveLength(1);
  });

  test("is the end of a POST, which may have had its effect [FC19]", async () => {
    const [broken, whole] = await Promise.all([breaking(), scriptedUpstream(echo)]);
    const client = clientOf([broken.target, whole.target]);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await client.post("/", { body: "x" })).status);
    expect(statuses).toContain(502);
    expect(broken.connections.length + whole.connections.length).toBe(4);
  });

  test("and the other too is the end: each is asked once [FC19 FC23]", async () => {
    const upstreams = await Promise.all([breaking(), breaking(), breaking()]);
    const client = clientOf(upstreams.map(({ target }) => target));
    expect((await client.get("/")).status).toBe(502);
    expect(upstreams.flatMap(({ connections }) => connections)).toHaveLength(2);
    expect(upstreams.every(({ connections }) => connections.length < 2)).toBe(true);
  });

  test("is the end without retry, and after some of its answer [FC19]", async () => {
    const begun = (): Promise<ScriptedUpstream> =>
      scriptedUpstream(async (connection) => {
        await connection.request();
        await connection.stdout("Content-");
        connection.socket.end();
      });
    const upstreams = await Promise.all([breaking(), breaking(), begun(), begun()]);
    const targets = upstreams.map(({ target }) => target);
    expect((await clientOf(targets.slice(0, 2), { retry: false }).get("/")).status).toBe(502);
    expect((await clientOf(targets.slice(2)).get("/")).status).toBe(502);
    expect(upstreams.flatMap(({ connections }) => connections)).toHaveLength(2);
  });
});
