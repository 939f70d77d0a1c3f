// Every limit of a server, at its edge, over a real socket.

import { once } from "node:events";
import { latin1Decode, type AsgiApp, type HttpReceiveEvent } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { rawClient, rawExchange, statuses } from "./fixtures/raw-client.ts";
import { gate, pathApp, start } from "./fixtures/running.ts";
import { serverLimits, type ServeOptions } from "./serve-options.ts";

const CLOSE = "Host: a\r\nConnection: close\r\n";

/** Answers with what it read. */
const echo: AsgiApp = async (scope, receive, send) => {
  if (scope.type !== "http") return;
  let body = "";
  for (;;) {
    const event = (await receive()) as HttpReceiveEvent;
    if (event.type === "http.disconnect") return;
    body += latin1Decode(event.body);
    if (!event.more_body) break;
  }
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body });
};

describe("the size of a request", () => {
  test("a head may have as many bytes as the limit, and is refused above [S8]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { maxHeaderSize: 1_000 });
    const head = (size: number): string => {
      const rest = `GET / HTTP/1.1\r\n${CLOSE}X: `;
      return `${rest}${"x".repeat(size - rest.length - 4)}\r\n\r\n`;
    };
    expect(statuses(await rawExchange(port, head(900)))).toEqual([200]);
    expect(statuses(await rawExchange(port, head(1_200)))).toEqual([431]);
    expect(seen).toEqual(["GET /"]);
  });

  test("a head is 16 KiB at most unless somebody says otherwise [S8]", async () => {
    const { app } = pathApp();
    const { port } = await start(app);
    const head = (size: number): string => `GET / HTTP/1.1\r\n${CLOSE}X: ${"x".repeat(size)}\r\n\r\n`;
    expect(statuses(await rawExchange(port, head(16_000)))).toEqual([200]);
    expect(statuses(await rawExchange(port, head(17_000)))).toEqual([431]);
  });

  test("a head that never ends is refused while it comes [S8]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { maxHeaderSize: 1_000 });
    const client = await rawClient(port);
    client.send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}`);
    expect(statuses(await client.ended)).toEqual([431]);
    expect(seen).toEqual([]);
  });

  test("every header is counted, and none left out [S8]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { maxHeadersCount: 100 });
    const head = (count: number): string => `GET / HTTP/1.1\r\n${CLOSE}${"X: 1\r\n".repeat(count - 2)}\r\n`;
    expect(statuses(await rawExchange(port, head(100)))).toEqual([200]);
    expect(statuses(await rawExchange(port, head(101)))).toEqual([431]);
    expect(seen).toHaveLength(1);
  });

  test("more headers than Node counts by itself reach an app that allows them [S8]", async () => {
    const { passed, open } = gate<number>();
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type === "http") open(scope.headers.length);
      await pathApp().app(scope, receive, send);
    };
    const { port } = await start(app, { maxHeadersCount: 3_000 });
    await rawExchange(port, `GET / HTTP/1.1\r\n${CLOSE}${"X:1\r\n".repeat(2_500)}\r\n`);
    expect(await passed).toBe(2_502);
  });

  test("a target may have as many bytes as the limit, and is refused above [S8]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { maxUrlLength: 100 });
    const get = (size: number): string => `GET /${"p".repeat(size - 1)} HTTP/1.1\r\n${CLOSE}\r\n`;
    expect(statuses(await rawExchange(port, get(100)))).toEqual([200]);
    expect(statuses(await rawExchange(port, get(101)))).toEqual([414]);
    expect(seen).toHaveLength(1);
  });

  test("a body may have as many bytes as the limit; a longer one, announced, never reaches the app [S8]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { maxBodySize: 5 });
    const post = (size: number): string =>
      `POST / HTTP/1.1\r\n${CLOSE}Content-Length: ${size}\r\n\r\n${"b".repeat(size)}`;
    expect(statuses(await rawExchange(port, post(5)))).toEqual([200]);
    expect(statuses(await rawExchange(port, post(6)))).toEqual([413]);
    expect(seen).toHaveLength(1);
  });

  test("a longer one, in chunks, is refused when it is too long [S8]", async () => {
    const { port } = await start(echo, { maxBodySize: 5 });
    const post = (...chunks: string[]): string =>
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.map((chunk) => `${chunk.length}\r\n${chunk}\r\n`).join("")}0\r\n\r\n`;
    const client = await rawClient(port);
    await client.send(post("abc", "de")).until("abcde");
    client.send(post("abc", "def") + `GET /next HTTP/1.1\r\n${CLOSE}\r\n`);
    const received = await client.ended;
    expect(statuses(received)).toEqual([200, 413]);
    expect(received).toMatch(/413.*\r\nConnection: close\r\n/is);
  });

  test("an upload that is refused early gets to read why, however long it is [A49 S8]", async () => {
    const { app } = pathApp();
    const { port } = await start(app, { maxBodySize: 1_000 });
    const client = await rawClient(port);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n${"b".repeat(5_000_000)}`);
    expect(statuses(await client.ended)).toEqual([413]);
  });
});

describe("the time a request takes", () => {
  const QUICK: ServeOptions = { connectionsCheckingInterval: 10 };

  test("a head that does not come to its end is answered 408 [S9]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { ...QUICK, headersTimeout: 50 });
    const received = await rawExchange(port, "GET / HTTP/1.1\r\nHost: a\r\n");
    expect(statuses(received)).toEqual([408]);
    expect(received).toContain("Connection: close");
    expect(seen).toEqual([]);
  });

  test("a head that comes byte by byte has no more time than one that does not come [S9]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { ...QUICK, headersTimeout: 100 });
    const client = await rawClient(port);
    client.send("GET / HTTP/1.1\r\nX: ");
    const drip = setInterval(() => client.send("x"), 5);
    const received = await client.ended;
    clearInterval(drip);
    expect(statuses(received)).toEqual([408]);
    expect(seen).toEqual([]);
  });

  test("a connection on which nothing ever comes is closed [S9 S14]", async () => {
    const { app } = pathApp();
    const { port } = await start(app, { ...QUICK, headersTimeout: 50 });
    const client = await rawClient(port);
    expect(statuses(await client.ended)).toEqual([408]);
  });

  test("a body that does not come to its end is answered 408, and its app let go [S9]", async () => {
    const { passed: lost, open: lose } = gate();
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type === "http") scope.signal.addEventListener("abort", () => lose());
      await echo(scope, receive, send);
    };
    const { port } = await start(app, { ...QUICK, requestTimeout: 50 });
    const received = await rawExchange(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
    expect(statuses(received)).toEqual([408]);
    await lost;
  });

  test("a kept connection is closed when no request comes [S9 A46]", async () => {
    const { app } = pathApp();
    const { port } = await start(app, { keepAliveTimeout: 1 });
    const received = await rawExchange(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(statuses(received)).toEqual([200]);
  });

  test("an app may take longer than its request had to [S9]", async () => {
    const answer = gate();
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "http") return;
      await answer.passed;
      await echo(scope, receive, send);
    };
    const { port } = await start(app, { ...QUICK, headersTimeout: 250, requestTimeout: 250 });
    const slow = rawExchange(port, `POST / HTTP/1.1\r\n${CLOSE}Content-Length: 2\r\n\r\nok`);
    // Another connection runs into the limits, so the slow app has had as much time.
    expect(statuses(await rawExchange(port, "GET / HTTP/1.1\r\n"))).toEqual([408]);
    expect(statuses(await rawExchange(port, "GET / HTTP/1.1\r\n"))).toEqual([408]);
    answer.open();
    expect(statuses(await slow)).toEqual([200]);
  });

  test("a connection that stands still is cut, if there is a limit to it [S10]", async () => {
    const { passed: lost, open: lose } = gate();
    const app: AsgiApp = async (scope) => {
      if (scope.type !== "http") return;
      scope.signal.addEventListener("abort", () => lose());
      await lost;
    };
    const { port } = await start(app, { socketTimeout: 50 });
    expect(await rawExchange(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")).toBe("");
    await lost;
  });
});

describe("how many there are", () => {
  test("a connection may make as many requests as the limit [S8]", async () => {
    const { app, seen } = pathApp();
    const { port } = await start(app, { maxRequestsPerSocket: 2, keepAliveTimeout: 1 });
    const received = await rawExchange(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3));
    expect(statuses(received)).toEqual([200, 200, 503]);
    expect(seen).toHaveLength(2);
  });

  test("there may be as many connections as the limit; a further one is closed [S14]", async () => {
    const { app } = pathApp();
    const { port } = await start(app, { maxConnections: 1 });
    const first = await rawClient(port);
    await first.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n").until("\r\n\r\n/first");
    const second = await rawClient(port);
    expect(await second.ended).toBe("");
    await first.send("GET /again HTTP/1.1\r\nHost: a\r\n\r\n").until("\r\n\r\n/again");
    first.destroy();
  });

  test("hundreds of connections that say nothing leave room for one that does [S14]", async () => {
    const { app } = pathApp();
    const { port } = await start(app);
    const idle = await Promise.all(Array.from({ length: 500 }, () => rawClient(port)));
    for (const client of idle.slice(0, 250)) client.send("GET / HT");
    expect(statuses(await rawExchange(port, `GET / HTTP/1.1\r\n${CLOSE}\r\n`))).toEqual([200]);
    for (const client of idle) client.destroy();
    await Promise.all(idle.map((client) => client.ended));
  });

  test("an error of the listening socket is logged, and the server goes on [S14]", async () => {
    const { app } = pathApp();
    const { port, server, logged } = await start(app);
    server.server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
    expect(logged).toEqual(["error: The server failed to accept a connection"]);
    expect(statuses(await rawExchange(port, `GET / HTTP/1.1\r\n${CLOSE}\r\n`))).toEqual([200]);
  });
});

describe("a client that reads nothing", () => {
  test("has its app wait, and the server keep a bounded part of the answer [S10 A50]", async () => {
    const piece = new Uint8Array(64 * 1024);
    const { passed: ended, open: end } = gate();
    let sent = 0;
    const app: AsgiApp = async (scope, receive, send) => {
      if (scope.type !== "http" || scope.path !== "/long") return pathApp().app(scope, receive, send);
      await send({ type: "http.response.start", status: 200 });
      try {
        for (; sent < 1_000; sent += 1)
          await send({ type: "http.response.body", body: piece, more_body: true });
      } catch {
        end();
      }
    };
    const { port } = await start(app);
    const client = await rawClient(port);
    client.socket.pause();
    client.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
    // Without back-pressure the loop would be over long before another client is served twenty times.
    for (let i = 0; i < 20; i += 1) await rawExchange(port, `GET / HTTP/1.1\r\n${CLOSE}\r\n`);
    expect(sent).toBeLessThan(500);
    client.destroy();
    await ended;
  });

  test("has its app wait from the high-water mark on, and not before [S10 A50]", async () => {
    const waits: [string, boolean][] = [];
    const app: AsgiApp = async (scope, _receive, send) => {
      if (scope.type !== "http") return;
      const started = send({ type: "http.response.start", status: 200 });
      const body = new Uint8Array(Number(scope.path.slice(1)));
      const sent = send({ type: "http.response.body", body, more_body: true });
      // There is one promise of room, and a new one for every wait.
      waits.push([scope.path, sent !== started]);
      await sent;
      await send({ type: "http.response.body" });
    };
    const { port } = await start(app, { highWaterMark: 10_000 });
    for (const path of ["/9000", "/10000"]) {
      expect(await rawExchange(port, `GET ${path} HTTP/1.1\r\n${CLOSE}\r\n`)).toContain("\r\n0\r\n\r\n");
    }
    expect(waits).toEqual([
      ["/9000", false],
      ["/10000", true],
    ]);
  });
});

test.each<[string, ServeOptions]>([
  ["a negative time", { headersTimeout: -1 }],
  ["a fraction", { requestTimeout: 1.5 }],
  ["no number", { keepAliveTimeout: Number.NaN }],
  ["endless time, which is 0", { socketTimeout: Infinity }],
  ["no head at all", { maxHeaderSize: 0 }],
  ["no room at all", { highWaterMark: 0 }],
  ["checks without end", { connectionsCheckingInterval: 0 }],
  ["a head that may take longer than its request", { headersTimeout: 2, requestTimeout: 1 }],
  ["HTTP/2 by ALPN without TLS", { http2: true }],
  ["HTTP/2 in clear text with TLS", { http2: "h2c", tls: {} }],
])("%s is refused [S8 S9]", (_, options) => {
  expect(() => serverLimits(options)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
});

test("the defaults are those of the documentation [S8 S9]", () => {
  expect(serverLimits({})).toEqual({
    headersTimeout: 60_000,
    requestTimeout: 300_000,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 5_000,
    socketTimeout: 0,
    maxHeaderSize: 16_384,
    maxRequestsPerSocket: 0,
    maxConnections: 0,
    highWaterMark: 65_536,
  });
  expect(serverLimits({ requestTimeout: 10 }).headersTimeout).toBe(10);
  expect(serverLimits({ requestTimeout: 0 }).headersTimeout).toBe(60_000);
});

test("the insecure parser stays off, whatever the process was started with [S5]", async () => {
  const { server } = await start(pathApp().app);
  expect(server.server).toMatchObject({ insecureHTTPParser: false });
  await once(server.server.close(), "close");
});
