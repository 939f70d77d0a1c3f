// HTTP/2 connections: beside HTTP/1.1 on one port, and at their end.

import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { describe, expect, test } from "vitest";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { client, get, httpApp, respond } from "./fixtures/http2-client.ts";
import { rawTlsClient, statuses } from "./fixtures/raw-client.ts";
import { gate, pathApp, start } from "./fixtures/running.ts";

describe("beside HTTP/1.1, by ALPN", () => {
  test("a client that speaks only HTTP/1.1 is served [A15]", async () => {
    const { app } = pathApp();
    const { port } = await start(app, { http2: true, tls: SERVER });
    const body = await new Promise<string>((resolve, reject) => {
      httpsRequest({ port, host: "127.0.0.1", servername: "localhost", ca: CA, path: "/old" }, (response) => {
        let text = "";
        response.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve(`${response.httpVersion} ${text}`));
      })
        .on("error", reject)
        .end();
    });
    expect(body).toBe("1.1 /old");
  });

  test("each request is served once, whichever it speaks", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { http2: true, tls: SERVER });
    await get(client(port, { ca: CA }), { ":path": "/two" });
    const raw = await rawTlsClient(port, { ALPNProtocols: ["http/1.1"] });
    await raw.send("GET /one HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ended;
    expect(seen).toEqual(["GET /two", "GET /one"]);
  });

  test.each<[what: string, bytes: string, status: number]>([
    ["a missing Host", "GET / HTTP/1.1\r\n\r\n", 400],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
    ["a long target", `GET /${"p".repeat(200)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414],
    ["many headers", `GET / HTTP/1.1\r\nHost: a\r\n${"X: 1\r\n".repeat(20)}\r\n`, 431],
    ["a large head", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(3_000)}\r\n\r\n`, 431],
    ["a slow head", "GET / HTTP/1.1\r\n", 408],
    ["garbage", "GARBAGE\r\n\r\n", 400],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501],
    ["a long body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", 413],
  ])("HTTP/1.1 has its limits there too: %s [S5 S7 S8 S9]", async (_, bytes, status) => {
    const { app, seen } = pathApp();
    const { port } = await start(app, {
      http2: true,
      tls: SERVER,
      maxUrlLength: 100,
      maxHeadersCount: 20,
      maxHeaderSize: 2_000,
      maxBodySize: 8,
      headersTimeout: 100,
      connectionsCheckingInterval: 10,
    });
    const raw = await rawTlsClient(port, { ALPNProtocols: ["http/1.1"] });
    expect(statuses(await raw.send(bytes).ended)).toEqual([status]);
    expect(seen).toEqual([]);
  });

  test("a kept HTTP/1.1 connection is closed there too when no request comes [S9]", async () => {
    const { port } = await start(pathApp().app, { http2: true, tls: SERVER, keepAliveTimeout: 1 });
    const raw = await rawTlsClient(port, { ALPNProtocols: ["http/1.1"] });
    expect(statuses(await raw.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").ended)).toEqual([200]);
  });
});

describe("a graceful end", () => {
  test("streams that are open are finished, new ones refused, then the connection closed [A82]", async () => {
    const begun = gate();
    const finish = gate();
    const app = httpApp(async (_scope, _receive, send) => {
      begun.open();
      await finish.passed;
      await respond(send, "whole");
    });
    const { server, port } = await start(app, { http2: "h2c", shutdownTimeout: 60_000 });
    const session = client(port);
    const open = get(session);
    await begun.passed;
    const goaway = once(session, "goaway");
    const closing = server.close();
    await goaway;
    finish.open();
    expect(await open).toMatchObject({ status: 200, body: "whole", code: 0 });
    expect(await closing).toEqual({ clean: true, cut: 0, error: null });
  });

  test("an idle session is closed at once [A82]", async () => {
    const { server, port } = await start(pathApp().app, { http2: "h2c", shutdownTimeout: 60_000 });
    const session = client(port);
    await get(session);
    const closed = once(session, "close");
    expect(await server.close()).toMatchObject({ clean: true });
    await closed;
  });

  test("a stream that is not finished in time is cut, and does not look complete [A82 A44]", async () => {
    const begun = gate();
    const app = httpApp(async (_scope, receive, send) => {
      await receive();
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "half", more_body: true });
      begun.open();
      await receive();
    });
    const { server, port } = await start(app, { http2: "h2c", shutdownTimeout: 20 });
    const open = get(client(port));
    await begun.passed;
    expect(await server.close()).toMatchObject({ clean: false, cut: 1 });
    expect((await open).code).not.toBe(0);
  });
});
