// Answers that leave before the request has come: the client gets to read them, whatever it is still sending.

import type { AsgiApp } from "@tsgi/core";
import { expect, test } from "vitest";
import { rawClient, statuses } from "./fixtures/raw-client.ts";
import { pathApp, start } from "./fixtures/running.ts";

/** Sends a whole body before it reads a byte, as simple clients do. */
async function upload(
  port: number,
  size: number,
  more: string = "",
): Promise<{ sent: boolean; received: string }> {
  const client = await rawClient(port);
  client.socket.pause();
  client.send(`POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  const sent = await new Promise<boolean>((resolve) =>
    client.socket.write("b".repeat(size) + more, (error) => resolve(!error)),
  );
  client.socket.end();
  client.socket.resume();
  return { sent, received: await client.ended };
}

test("a short body nobody reads is passed over, and the connection kept [A46 A49]", async () => {
  const { app, seen } = pathApp();
  const { port } = await start(app);
  const { received } = await upload(port, 200_000, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(statuses(received)).toEqual([200, 200]);
  expect(seen).toEqual(["POST /up", "GET /next"]);
});

test("a long one ends the connection: what follows is not served [A46 A49]", async () => {
  const { app, seen } = pathApp();
  const { port } = await start(app);
  const { sent, received } = await upload(port, 300_000, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(sent).toBe(true);
  expect(statuses(received)).toEqual([200]);
  expect(received).toMatch(/\r\nConnection: close\r\n/i);
  expect(seen).toEqual(["POST /up"]);
});

test("a very long one too: the client can send it all, and then read the answer [A49]", async () => {
  const { app } = pathApp();
  const { port } = await start(app);
  const { sent, received } = await upload(port, 20_000_000);
  expect(sent).toBe(true);
  expect(statuses(received)).toEqual([200]);
});

test("one that is too long is refused so that the client can read why [A49 S8]", async () => {
  const { app, seen } = pathApp();
  const { port } = await start(app, { maxBodySize: 1_000 });
  const { sent, received } = await upload(port, 20_000_000, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(sent).toBe(true);
  expect(statuses(received)).toEqual([413]);
  expect(seen).toEqual([]);
});

test("one that turns out too long while the app reads it, likewise [A49 S8]", async () => {
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type !== "http") return;
    for (;;) {
      const event = await receive();
      if (event.type === "http.disconnect") return;
      if (event.type === "http.request" && !event.more_body) break;
    }
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body" });
  };
  const { port } = await start(app, { maxBodySize: 100_000 });
  const client = await rawClient(port);
  client.socket.pause();
  client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const sent = await new Promise<boolean>((resolve) =>
    client.socket.write(`10000\r\n${"b".repeat(65_536)}\r\n`.repeat(100) + "0\r\n\r\n", (error) =>
      resolve(!error),
    ),
  );
  client.socket.resume();
  expect(sent).toBe(true);
  expect(statuses(await client.ended)).toEqual([413]);
});
