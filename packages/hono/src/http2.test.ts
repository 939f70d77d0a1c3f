// A portable app in Hono on HTTP/2: by Request and Response, with what these have lost put back.

import { once } from "node:events";
import { connect, constants, createServer, type ClientHttp2Session, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { echoApp, scopeApp } from "./fixtures/apps.ts";
import { toHono } from "./to-hono.ts";

async function session(app: AsgiApp): Promise<ClientHttp2Session> {
  const listener = getRequestListener(new Hono().all("*", toHono(app)).fetch);
  const server: Http2Server = createServer((req, res) => void listener(req, res)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  return client;
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const piece of stream) text += String(piece);
  return text;
}

test("the scope says HTTP/2, who the client is, and how the path was spelt [X9 X12]", async () => {
  const client = await session(scopeApp);
  const scope = JSON.parse(await textOf(client.request({ ":path": "/a%2db?c" }))) as Record<string, unknown>;
  expect([scope["http_version"], scope["path"], scope["raw_path"], scope["query_string"]]).toEqual([
    "2",
    "/a-b",
    "/a%2db",
    "c",
  ]);
  expect(scope["client"]).toEqual(["127.0.0.1", expect.any(Number)]);
});

test("a body arrives whole [A28]", async () => {
  const client = await session(echoApp);
  const stream = client.request({ ":method": "POST", ":path": "/" });
  stream.end("the body");
  expect(await textOf(stream)).toBe("the body");
});

test("a stream that the client resets is a client that went away, once [A30 A34 X23]", async () => {
  const told: string[] = [];
  let ended = (): void => {};
  const over = new Promise<void>((resolve) => (ended = resolve));
  const client = await session(async (scope, receive, send) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    scope.signal.addEventListener("abort", () => told.push("signal"));
    await receive();
    await send({ type: "http.response.start", status: 200, headers: [] });
    await send({ type: "http.response.body", body: "begun", more_body: true });
    told.push((await receive()).type);
    ended();
  });
  const stream = client.request({ ":path": "/" });
  await once(stream, "data");
  stream.close();
  await over;
  expect(told.toSorted()).toEqual(["http.disconnect", "signal"]);
});

test("a response that fails on its way resets its stream [A45]", async () => {
  const { error: print } = console;
  console.error = (): void => {};
  onTestFinished(() => void (console.error = print));
  const client = await session(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers: [] });
    await send({ type: "http.response.body", body: "half", more_body: true });
    throw new Error("secret");
  });
  const stream = client.request({ ":path": "/" });
  stream.on("error", () => {}).resume();
  await new Promise((resolve) => stream.once("close", resolve));
  expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
});
