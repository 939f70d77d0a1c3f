// How soon the host has a response that its listener has ended.
// Source: lib/_http_outgoing.js (`end`): over node:http the last octets are with the socket when it returns.

import { expect, test } from "vitest";
import { serve } from "@tsgi/core";
import { fromNode } from "../from-node.ts";
import { MemoryTransport, memoryScope } from "./memory-transport.test-support.ts";
import type { RequestListener } from "./pair.ts";

// From Node 24 on `end()` writes nothing behind a body with a length: that it was the end is known a tick later.
const TELLS_AT_ONCE = Number(process.versions.node.split(".", 1)[0]) < 24;

const ENDINGS: [name: string, listener: RequestListener][] = [
  ["with its only piece", (_req, res) => res.end("whole")],
  ["with its last piece", (_req, res) => res.setHeader("content-length", 5).write("who") && res.end("le")],
  ["without a length", (_req, res) => res.write("who") && res.end("le")],
];

test.each(TELLS_AT_ONCE ? ENDINGS : ENDINGS.slice(2))(
  "a response ended %s is complete at the host when end() returns [X22]",
  async (_, listener) => {
    const transport = new MemoryTransport();
    transport.send(null);
    let ended: boolean | null = null;
    const app = fromNode((req, res) => {
      listener(req, res);
      ended = transport.ended;
    });
    serve(app, memoryScope(), transport);
    await transport.over;
    expect([ended, transport.text]).toEqual([true, "whole"]);
  },
);

test("a response that was written to the socket, and lasts until its end, closes the connection [X22]", async () => {
  const transport = new MemoryTransport();
  transport.send(null);
  const app = fromNode((req) => {
    req.socket.write("HTTP/1.1 200 OK\r\n\r\n");
    req.socket.end("until the end");
  });
  serve(app, memoryScope(), transport);
  await transport.over;
  expect([transport.text, transport.head?.close]).toEqual(["until the end", true]);
});
