// The limits of HTTP/2, at their edges, over real sockets.

import { once } from "node:events";
import { constants, type OutgoingHttpHeaders } from "node:http2";
import { describe, expect, test } from "vitest";
import { client, get, httpApp } from "./fixtures/http2-client.ts";
import { rawClient } from "./fixtures/raw-client.ts";
import { gate, pathApp, start } from "./fixtures/running.ts";

describe("limits", () => {
  test.each<[what: string, headers: OutgoingHttpHeaders, status: number]>([
    ["a target above the limit", { ":path": `/${"p".repeat(100)}` }, 414],
    ["too many headers", Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, "1"])), 431],
    ["a target that is no path", { ":path": "*" }, 0],
    ["a garbage host", { ":authority": "a b" }, 0],
    ["CONNECT", { ":method": "CONNECT", ":authority": "a:1", ":path": undefined, ":scheme": undefined }, 501],
  ])("%s: the app is not called [S7 S8]", async (_, headers, status) => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { http2: "h2c", maxUrlLength: 100, maxHeadersCount: 20 });
    const answer = await get(client(port), headers);
    expect(answer.status).toBe(status);
    if (status === 0) expect(answer.code).not.toBe(0);
    expect(seen).toEqual([]);
  });

  test("at the limits a request is served [S8]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { http2: "h2c", maxUrlLength: 100, maxHeadersCount: 20 });
    const headers = Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`x-${i}`, "1"]));
    expect(await get(client(port), { ...headers, ":path": `/${"p".repeat(99)}` })).toMatchObject({
      status: 200,
    });
    expect(seen).toHaveLength(1);
  });

  test("a header list above the limit is refused, and the app not called [S8 S31]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { http2: "h2c", maxHeaderSize: 1_000 });
    const session = client(port);
    // Before the client has acknowledged our settings, and after.
    expect(await get(session, { "x-long": "x".repeat(1_000) })).toMatchObject({ status: 431, code: 0 });
    expect(await get(session, { "x-long": "x".repeat(1_000) })).toMatchObject({
      status: 0,
      code: constants.NGHTTP2_ENHANCE_YOUR_CALM,
    });
    expect(seen).toEqual([]);
    expect(await get(session, { "x-long": "x".repeat(700) })).toMatchObject({ status: 200 });
  });

  test("a client is told how many streams it may have, and how long its headers may be [S31]", async () => {
    const { port } = await start(pathApp().app, { http2: "h2c" });
    const session = client(port);
    await once(session, "remoteSettings");
    expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 100, maxHeaderListSize: 16_384 });
  });

  test("what node:http2 can limit besides can be set [S31]", async () => {
    const http2Options = { maxSessionMemory: 2, settings: { maxConcurrentStreams: 7 } };
    const { port } = await start(pathApp().app, { http2: "h2c", http2Options });
    const session = client(port);
    await once(session, "remoteSettings");
    expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
  });

  test("a connection without streams is closed after its time [S9]", async () => {
    const { port } = await start(pathApp().app, { http2: "h2c", http2Options: { idleTimeout: 50 } });
    const session = client(port);
    await get(session);
    await once(session, "close");
  });

  test("a connection that never says a word is closed too [S9 S14]", async () => {
    const { port } = await start(pathApp().app, { http2: "h2c", http2Options: { idleTimeout: 50 } });
    await (
      await rawClient(port)
    ).ended;
  });

  test("a stream that stands still is cut, if there is a limit to it [S10]", async () => {
    const lost = gate();
    const app = httpApp(async (scope) => {
      scope.signal.addEventListener("abort", () => lost.open());
      await lost.passed;
    });
    const { port } = await start(app, { http2: "h2c", socketTimeout: 50 });
    expect(await get(client(port))).toMatchObject({ status: 0, code: constants.NGHTTP2_INTERNAL_ERROR });
    await lost.passed;
  });

  test("HTTP/1 on a port for HTTP/2 alone is no HTTP at all: the connection is closed [S5]", async () => {
    const { app, seen } = pathApp();
    const { port, logged } = await start(app, { http2: "h2c" });
    const raw = await rawClient(port);
    raw.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await raw.ended;
    expect(seen).toEqual([]);
    expect(logged).toEqual([]);
  });

  test("thousands of streams that are reset at once leave the server well [S31]", async () => {
    const { app } = pathApp();
    const { port } = await start(app, { http2: "h2c" });
    const attacker = client(port);
    for (let i = 0; i < 2_000 && !attacker.destroyed; i += 1) {
      const stream = attacker.request({ ":path": "/" });
      stream.on("error", () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    }
    expect(await get(client(port))).toMatchObject({ status: 200 });
  });
});
