// A listener whose turn comes late, behind something that had to wait: the client may have gone by then.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, createServer as createHttp2 } from "node:http2";
import type { AddressInfo } from "node:net";
import type { AsgiApp, HttpScope, SendEvent } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { listenOn, portOf } from "./fixtures/hosts.ts";
import { rawClient, statuses } from "./fixtures/raw-client.ts";
import { gate, type Gate } from "./fixtures/running.ts";
import { expectNoStrays, turns } from "./fixtures/strays.ts";
import { toNode } from "./to-node.ts";

expectNoStrays();

const START: SendEvent = { type: "http.response.start", status: 200 };

/** An app that tells what it sees of its client. */
function witness(): { app: AsgiApp; seen: Promise<unknown[]> } {
  const seen: Gate<unknown[]> = gate();
  const app: AsgiApp = async (scope, receive, send) => {
    const { signal } = scope as HttpScope;
    const events = [await receive(), await receive()];
    const sent = send(START).then(() => send({ type: "http.response.body", body: "late" }));
    const code = await sent.then(
      () => "sent",
      (error: NodeJS.ErrnoException) => error.code,
    );
    seen.open([...events.map(({ type }) => type), signal.aborted, code]);
  };
  return { app, seen: seen.passed };
}

const GONE = ["http.disconnect", "http.disconnect", true, "ECONNRESET"];

describe("an app that is called after its client has gone sees that at once", () => {
  test.each([
    ["a request without a body", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a request whose body has come", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"],
    ["a request whose body is cut", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi"],
  ])("%s [A8 A30 A31 A34 A70 X23]", async (_what, bytes) => {
    const { app, seen } = witness();
    const logged: string[] = [];
    const listener = toNode(app, { log: (_level, message) => logged.push(message) });
    const arrived = gate();
    const server = await listenOn((req, res) => {
      res.on("close", () => listener(req, res));
      arrived.open();
    });
    const client = await rawClient(portOf(server));
    client.send(bytes);
    await arrived.passed;
    client.destroy();
    expect(await seen).toEqual(GONE);
    expect(logged).toEqual([]);
  });

  test("a request that waited behind another one on its connection [A8 A30 A34 X23]", async () => {
    const { app, seen } = witness();
    const listener = toNode(app);
    const arrived = gate();
    const server = await listenOn((req, res) => {
      if (req.url === "/first") return;
      (req as IncomingMessage).socket.on("close", () => setImmediate(() => listener(req, res)));
      arrived.open();
    });
    const client = await rawClient(portOf(server));
    client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n");
    await arrived.passed;
    client.destroy();
    expect(await seen).toEqual(GONE);
  });

  test("a request that has been answered, whose connection goes on [A8 A10 A30 X23]", async () => {
    const { app, seen } = witness();
    const listener = toNode(app);
    const server = await listenOn((req, res) => {
      if (req.url === "/first") res.on("close", () => listener(req, res));
      (res as ServerResponse).end("front");
    });
    const bytes = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n";
    const client = await rawClient(portOf(server));
    await client.send(bytes).until("front");
    expect(await seen).toEqual(GONE);
    client.received = "";
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(statuses(await client.ended)).toEqual([200]);
  });
});

test("over HTTP/2 an app is not called for a stream that has gone [X23]", async () => {
  let called = false;
  const listener = toNode(async () => {
    called = true;
  });
  const arrived = gate();
  const served = gate();
  const server = createHttp2((req, res) => {
    res.on("close", () => {
      listener(req, res);
      served.open();
    });
    arrived.open();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ":path": "/" });
  await arrived.passed;
  stream.close();
  await served.passed;
  await turns();
  session.close();
  server.close();
  expect(called).toBe(false);
});
