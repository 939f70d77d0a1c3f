// Responses that are cut: what the client sees of them, on every kind of connection, and within which time.

import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AsgiApp, SendEvent } from "@tsgi/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SERVER } from "./fixtures/certificates.ts";
import { HOSTS, listenOn } from "./fixtures/hosts.ts";
import { rawClient, rawExchange, rawTlsClient, statuses } from "./fixtures/raw-client.ts";
import { gate, start as startOwn } from "./fixtures/running.ts";
import { expectNoStrays, turns } from "./fixtures/strays.ts";
import { toNode } from "./to-node.ts";

const START: SendEvent = { type: "http.response.start", status: 200 };
const BEGUN: SendEvent = { type: "http.response.body", body: "begun", more_body: true };

/** Begins a response, waits for a word, and fails. */
function failingApp(headers: [string, string][] = []) {
  const begun = gate();
  const word = gate();
  const app: AsgiApp = async (scope, _receive, send) => {
    if (scope.type !== "http") return;
    await send({ ...START, headers } as SendEvent);
    await send(BEGUN);
    begun.open();
    await word.passed;
    throw new Error("late");
  };
  return { app, begun, word };
}

let directory = "";
const proxies: Server[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tsgi-cut-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
  for (const proxy of proxies) proxy.close();
});

expectNoStrays();

describe.each(HOSTS)("%s", (_name, start) => {
  test("a body that only the end of the connection ends is reset, never ended [A45 A39 W50]", async () => {
    const { app, word } = failingApp();
    const { port } = await start(app);
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.0\r\n\r\n");
    socket.once("data", () => word.open());
    const [error] = (await once(socket, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
  });

  test("a chunked one has no last chunk, and what was sent arrives [A45 W50]", async () => {
    const { app, word } = failingApp();
    const { port } = await start(app);
    const client = await rawClient(port);
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").until("begun");
    word.open();
    expect(await client.ended).toMatch(/\r\n5\r\nbegun\r\n$/);
  });

  test("one with a length is shorter than that, and what was sent arrives [A45 A40 W50]", async () => {
    const { app, word } = failingApp([["content-length", "10"]]);
    const { port } = await start(app);
    let clean = false;
    const client = await rawClient(port);
    client.socket.once("end", () => (clean = true));
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").until("begun");
    word.open();
    expect(await client.ended).toMatch(/\r\n\r\nbegun$/);
    expect(clean).toBe(true);
  });

  test("neither it nor the answer before it is lost on a client that is still sending [A45 A46 A49]", async () => {
    const failed = gate();
    const { port } = await start(async (scope, _receive, send) => {
      if (scope.type !== "http") return;
      await send(START);
      if (scope.path === "/1") return send({ type: "http.response.body", body: "one" });
      // Its turn has come by then.
      await turns();
      await send(BEGUN);
      failed.open();
      throw new Error("late");
    });
    const client = await rawClient(port);
    client.socket.pause();
    const post = "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    client.send(`GET /1 HTTP/1.1\r\nHost: a\r\n\r\n${post}`);
    await failed.passed;
    const errors: unknown[] = [];
    for (let i = 0; i < 100; i += 1) {
      errors.push(await new Promise((resolve) => client.socket.write("b".repeat(10_000), resolve)));
      await turns();
    }
    expect(errors.filter(Boolean)).toEqual([]);
    client.socket.end();
    client.socket.resume();
    const received = await client.ended;
    expect(statuses(received)).toEqual([200, 200]);
    expect(received).toMatch(/one.*\r\n5\r\nbegun\r\n$/s);
  });

  test("a response without a body that is not ended closes the connection, and nothing more [A44 A47]", async () => {
    const { app, word } = failingApp();
    const { port } = await start(app);
    const client = await rawClient(port);
    await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").until("\r\n\r\n");
    word.open();
    expect(statuses(await client.ended)).toEqual([200]);
  });

  test("a client that reads nothing keeps a cut connection for flushTimeout, and with none for ever [A45 S8 S10]", async () => {
    const size = 20_000_000;
    const unread = async (flushTimeout: number) => {
      const failed = gate();
      const app: AsgiApp = async (scope, _receive, send) => {
        if (scope.type !== "http") return;
        await send(START);
        const full = send({ type: "http.response.body", body: new Uint8Array(size), more_body: true });
        void full.catch(() => {});
        failed.open();
        throw new Error("late");
      };
      const { port, server } = await start(app, { flushTimeout });
      const connected = once(server, "connection");
      const client = await rawClient(port);
      const [socket] = (await connected) as [Socket];
      client.socket.pause();
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await failed.passed;
      return { client, socket };
    };
    const patient = await unread(0);
    const hasty = await unread(50);
    await once(hasty.socket, "close");
    expect(patient.socket.destroyed).toBe(false);
    for (const { client } of [patient, hasty]) client.socket.resume();
    expect((await patient.client.ended).length).toBeGreaterThan(size);
    expect((await hasty.client.ended).length).toBeLessThan(size);
  });

  test("a client that has left already costs nothing [A45 A8]", async () => {
    const { app, word } = failingApp();
    const { port, server } = await start(app);
    const connected = once(server, "connection");
    const client = await rawClient(port);
    const [socket] = (await connected) as [NodeJS.EventEmitter];
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").until("begun");
    client.destroy();
    await once(socket, "close");
    word.open();
  });
});

test("on a unix socket there is no reset: the connection ends, and the process goes on [A45 A10]", async () => {
  for (const own of [true, false]) {
    const { app, word } = failingApp();
    const path = join(directory, own ? "own.sock" : "guest.sock");
    if (own) await startOwn(app, { path });
    else await listenOn(toNode(app, { log: () => {} }), path);
    const client = await rawClient(path);
    await client.send("GET / HTTP/1.0\r\n\r\n").until("begun");
    word.open();
    expect(await client.ended).toMatch(/begun$/);
  }
});

test("over TLS a body that only the end of the connection ends has no goodbye [A45 A39]", async () => {
  const { app, word } = failingApp();
  const { port } = await startOwn(app, { tls: SERVER });
  const wire = await tapped(port);
  // In TLS 1.2 one can see from outside what kind a record is of.
  const client = await rawTlsClient(wire.port, { maxVersion: "TLSv1.2" });
  await client.send("GET / HTTP/1.0\r\n\r\n").until("begun");
  word.open();
  await client.ended;
  expect(wire.recordTypes()).not.toContain(ALERT);
});

test("over TLS a response that is complete has one [A39]", async () => {
  const { port } = await startOwn(
    (scope, _receive, send) => {
      if (scope.type !== "http") return;
      void send(START);
      void send({ type: "http.response.body", body: "all" });
    },
    { tls: SERVER },
  );
  const wire = await tapped(port);
  const client = await rawTlsClient(wire.port, { maxVersion: "TLSv1.2" });
  expect(await client.send("GET / HTTP/1.0\r\n\r\n").ended).toMatch(/all$/);
  expect(wire.recordTypes()).toContain(ALERT);
});

test("an app that fails at once answers every request of a unix socket, one after the other [A45]", async () => {
  const path = join(directory, "again.sock");
  await startOwn(
    (scope) => {
      if (scope.type === "http") throw new Error("now");
    },
    { path },
  );
  const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const received = await rawExchange(
    path,
    get + get + get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
  );
  expect(statuses(received)).toEqual([500, 500, 500]);
});

const ALERT = 21;

/** A wire to a port that remembers what the server sends. */
async function tapped(port: number): Promise<{ port: number; recordTypes(): number[] }> {
  const sent: Buffer[] = [];
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const socket of [client, server]) socket.on("error", () => {});
    client.pipe(server);
    server.on("data", (chunk) => sent.push(chunk)).pipe(client);
  });
  proxies.push(proxy);
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (proxy.address() as AddressInfo).port,
    recordTypes() {
      const bytes = Buffer.concat(sent);
      const types: number[] = [];
      for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
        types.push(bytes[at] as number);
      return types;
    },
  };
}
