// An upstream that goes away and comes back while more requests are there than connections may be.

import dns from "node:dns";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  clientOf,
  deferred,
  echo,
  scriptedUpstream,
  turns,
  type Deferred,
  type ScriptedUpstream,
} from "./scripted-upstream.test-support.ts";
import type { FastCgiTarget } from "./target.ts";

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

describe("of two upstreams, one that cannot be connected to while the other is full", () => {
  /** A name that is looked up until the test says that there is no such host. */
  function unreachable(): { readonly target: FastCgiTarget; readonly lookups: (() => void)[] } {
    const lookups: (() => void)[] = [];
    const lookup = vi.spyOn(dns, "lookup").mockImplementation((...given: unknown[]) => {
      const tell = given.at(-1) as (error: Error) => void;
      lookups.push(() => tell(new Error("There is no such host")));
    });
    onTestFinished(() => lookup.mockRestore());
    return { target: { host: "nowhere.test", port: 1 }, lookups };
  }

  async function full(): Promise<{ readonly upstream: ScriptedUpstream; readonly gate: Deferred<void> }> {
    const gate = deferred<void>();
    const upstream = await scriptedUpstream(async (connection) => {
      const { id } = await connection.request();
      await gate.promise;
      await connection.answer("x", undefined, id);
      connection.close();
    });
    return { upstream, gate };
  }

  test("does not keep a request from what became free meanwhile [FC21 FC23]", async () => {
    const [{ upstream, gate }, { target, lookups }] = [await full(), unreachable()];
    const client = clientOf([upstream.target, target], { maxConns: 1, queueTimeout: 1_000_000 });
    const first = client.get("/");
    while (upstream.connections.length < 1) {
      await turns();
      for (const fail of lookups.splice(0)) fail();
    }
    const second = client.get("/");
    while (lookups.length === 0) await turns();
    gate.resolve();
    expect((await first).status).toBe(200);
    await turns();
    for (const fail of lookups.splice(0)) fail();
    expect((await second).status).toBe(200);
  });

  test("is not tried without end by those who wait [FC21 FC23]", async () => {
    const [{ upstream, gate }, { target, lookups }] = [await full(), unreachable()];
    const client = clientOf([upstream.target, target], { maxConns: 1, queueTimeout: 1_000_000 });
    const responses = Array.from({ length: 4 }, () => client.get("/"));
    let tried = 0;
    for (let i = 0; i < 50; i += 1) {
      for (const fail of lookups.splice(0)) {
        tried += 1;
        fail();
      }
      await turns();
    }
    expect(tried).toBeLessThanOrEqual(8);
    gate.resolve();
    while (lookups.length > 0) lookups.pop()?.();
    const answered = Promise.all(responses);
    const stillOpen = async (): Promise<null> => {
      await turns();
      return null;
    };
    let all = null;
    while (all === null) {
      for (const fail of lookups.splice(0)) fail();
      all = await Promise.race([answered, stillOpen()]);
    }
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
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
    const lines: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      const response = await client.get("/");
      expect(response.text()).toBe("GET ");
      lines.push(...response.log.map(({ message }) => message));
    }
    expect(broken.connections).toHaveLength(1);
    expect(lines).toEqual([
      expect.stringMatching(
        /^The FastCGI upstream \S+ closed its connection without an answer: another one is asked/,
      ),
    ]);
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
