// HTTP/2 over real sockets: what is different from HTTP/1, and what must not be.

import { once } from "node:events";
import {
  connect,
  constants,
  createSecureServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp, type AddressInfo } from "node:net";
import { latin1Decode, type AsgiApp, type HttpReceiveEvent, type HttpScope, type Send } from "@tsgi/core";
import { afterEach, describe, expect, test } from "vitest";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { rawClient, rawTlsClient, statuses } from "./fixtures/raw-client.ts";
import { gate, pathApp, start } from "./fixtures/running.ts";
import { readHeaderList } from "./http2-scope.ts";
import { toNode } from "./to-node.ts";

const sessions: ClientHttp2Session[] = [];
const compatServers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  for (const stop of compatServers.splice(0)) await stop();
});

function client(port: number, tls?: SecureClientSessionOptions): ClientHttp2Session {
  const session = connect(`${tls === undefined ? "http" : "https"}://localhost:${port}`, {
    ...tls,
    // The name has an IPv6 address too, on which nobody listens.
    lookup: (_name, _options, found) => found(null, [{ address: "127.0.0.1", family: 4 }]),
  } as SecureClientSessionOptions);
  session.on("error", () => {});
  sessions.push(session);
  return session;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders | null;
  readonly interim: readonly IncomingHttpHeaders[];
  /** The code its stream was closed with. */
  readonly code: number;
}

async function answerTo(stream: ClientHttp2Stream): Promise<Answer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | null = null;
  const interim: IncomingHttpHeaders[] = [];
  let body = "";
  stream.setEncoding("latin1");
  stream.on("headers", (found: IncomingHttpHeaders) => interim.push(found));
  stream.on("response", (found: IncomingHttpHeaders) => (headers = found));
  stream.on("trailers", (found: IncomingHttpHeaders) => (trailers = found));
  stream.on("data", (chunk: string) => (body += chunk));
  stream.on("error", () => {});
  await new Promise((resolve) => stream.on("close", resolve));
  return {
    status: Number(headers[":status"] ?? 0),
    headers,
    body,
    trailers,
    interim,
    code: stream.rstCode ?? 0,
  };
}

function get(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return answerTo(session.request({ ":path": "/", ...headers }));
}

/** An app for http scopes only, and the scope of its last request. */
function httpApp(
  http: (scope: HttpScope, receive: () => Promise<HttpReceiveEvent>, send: Send) => Promise<void>,
): AsgiApp {
  return async (scope, receive, send) => {
    if (scope.type === "http") await http(scope, receive as () => Promise<HttpReceiveEvent>, send);
  };
}

async function respond(
  send: Send,
  body: string,
  headers: [string, string][] = [],
  status: number = 200,
): Promise<void> {
  await send({ type: "http.response.start", status, headers });
  await send({ type: "http.response.body", body });
}

describe("the scope", () => {
  test("pseudo headers are no headers: :authority is the host, and stands first [A22]", () => {
    const request = readHeaderList([
      ":method",
      "GET",
      ":scheme",
      "https",
      ":authority",
      "a.example",
      ":path",
      "/p?q",
      "cookie",
      "a=1",
      "host",
      "b.example",
      "cookie",
      "b=2",
    ]);
    expect(request.headers).toEqual(["host", "a.example", "cookie", "a=1", "cookie", "b=2"]);
    expect(request).toMatchObject({ method: "GET", target: "/p?q", hosts: 1 });
  });

  test("without :authority the host stays where it is [A22]", () => {
    const { headers } = readHeaderList([":method", "GET", ":path", "/", "accept", "*/*", "host", "b"]);
    expect(headers).toEqual(["accept", "*/*", "host", "b"]);
  });

  test("says what came, and by which version, in clear text [A15 A16 A17 A18 A19 A20 A22 A23]", async () => {
    const { passed, open } = gate<HttpScope>();
    const app = httpApp(async (scope, _receive, send) => {
      open({ ...scope });
      await respond(send, "");
    });
    const { port } = await start(app, { http2: "h2c" });
    const session = client(port);
    await get(session, {
      ":path": "/caf%C3%A9%2Fz?a=%20&b",
      "x-two": ["1", "2"],
      cookie: ["a=1", "b=2"],
      ":scheme": "https",
    });
    const scope = await passed;
    expect(scope).toMatchObject({
      type: "http",
      http_version: "2",
      method: "GET",
      scheme: "http",
      path: "/café/z",
      raw_path: "/caf%C3%A9%2Fz",
      query_string: "a=%20&b",
      root_path: "",
      client: ["127.0.0.1", session.socket.localPort],
      server: ["127.0.0.1", port],
    });
    expect(scope.headers).toEqual([
      ["host", `localhost:${port}`],
      ["x-two", "1"],
      ["x-two", "2"],
      ["cookie", "a=1"],
      ["cookie", "b=2"],
    ]);
    expect(Object.keys(scope.extensions).toSorted()).toEqual([
      "http.response.early_hint",
      "http.response.pathsend",
      "http.response.trailers",
      "http.response.zerocopysend",
      "tsgi.informational",
    ]);
  });

  test("tells the facts of TLS, the same for every request of a connection [A17 A58 X26]", async () => {
    const scopes: HttpScope[] = [];
    const app = httpApp(async (scope, _receive, send) => {
      scopes.push(scope);
      await respond(send, "");
    });
    const { port } = await start(app, { http2: true, tls: SERVER });
    const session = client(port, { ca: CA });
    await get(session);
    await get(session);
    expect(scopes[0]?.scheme).toBe("https");
    expect(scopes[0]?.extensions.tls).toMatchObject({ server_cert: SERVER.cert, tls_version: 0x0304 });
    expect(scopes[1]?.extensions).toBe(scopes[0]?.extensions);
  });
});

describe("the response", () => {
  test("headers are in lower case, octets stay octets, hop-by-hop ones are gone, cookies apart [A42 X17 X18 X19 X34]", async () => {
    const app = httpApp((_scope, _receive, send) =>
      respond(send, "body", [
        ["X-Mixed-Case", "caf\xe9"],
        ["Set-Cookie", "a=1"],
        ["Connection", "close"],
        ["HTTP2-Settings", "x"],
        ["Transfer-Encoding", "chunked"],
        ["Set-Cookie", "b=2"],
      ]),
    );
    const { port } = await start(app, { http2: "h2c" });
    const { headers, body } = await get(client(port));
    expect(headers).toMatchObject({
      "x-mixed-case": "caf\xe9",
      "set-cookie": ["a=1", "b=2"],
      "content-length": "4",
    });
    for (const name of ["connection", "http2-settings", "transfer-encoding"])
      expect(headers).not.toHaveProperty(name);
    expect(body).toBe("body");
  });

  test("a field Node will not send twice is sent as one [A42]", async () => {
    const app = httpApp((_scope, _receive, send) =>
      respond(send, "", [
        ["content-language", "de"],
        ["content-language", "en"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ]),
    );
    const { port } = await start(app, { http2: "h2c" });
    const { status, headers } = await get(client(port));
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-language": "de, en", "set-cookie": ["a=1", "b=2"] });
  });

  test("a status HTTP/2 does not have becomes a 500, and is logged [X20]", async () => {
    const app = httpApp((_scope, _receive, send) => respond(send, "body", [], 799));
    const { port, logged } = await start(app, { http2: "h2c" });
    expect(await get(client(port))).toMatchObject({ status: 500, body: "body" });
    expect(logged).toEqual(["warn: HTTP/2 has no status 799 in Node: the client is sent 500"]);
  });

  test.each([204, 205, 304])("a %i has no body, and no length that promises one [A48]", async (status) => {
    const app = httpApp((_scope, _receive, send) => respond(send, "body", [], status));
    const { port } = await start(app, { http2: "h2c" });
    const answer = await get(client(port));
    expect(answer).toMatchObject({ status, body: "", code: 0 });
    if (status !== 304) expect(answer.headers).not.toHaveProperty("content-length");
  });

  test("HEAD keeps the length and has no body [A47]", async () => {
    const app = httpApp((_scope, _receive, send) => respond(send, "body", [["content-length", "4"]]));
    const { port } = await start(app, { http2: "h2c" });
    const answer = await get(client(port), { ":method": "HEAD" });
    expect(answer).toMatchObject({ status: 200, body: "", code: 0 });
    expect(answer.headers["content-length"]).toBe("4");
  });

  test.each([
    ["our server", false],
    ["Node's compat layer", true],
  ])("trailers follow the body if the client takes them, on %s [A52]", async (_, compat) => {
    const app = httpApp(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200, trailers: true });
      await send({ type: "http.response.body", body: "body" });
      await send({
        type: "http.response.trailers",
        headers: [
          ["X-Sum", "1"],
          ["x-more", "2"],
        ],
      });
    });
    const port = compat ? await compatServer(app) : (await start(app, { http2: "h2c" })).port;
    const session = compat ? client(port, { ca: CA }) : client(port);
    const taken = await get(session, { te: "trailers" });
    expect(taken).toMatchObject({ body: "body", trailers: { "x-sum": "1", "x-more": "2" }, code: 0 });
    expect(await get(session)).toMatchObject({ body: "body", trailers: null, code: 0 });
  });

  test("early hints and other interim responses come before it [A51]", async () => {
    const app = httpApp(async (_scope, _receive, send) => {
      await send({
        type: "http.response.early_hint",
        links: ["</a.css>; rel=preload", "</b.js>; rel=preload"],
      });
      await send({ type: "tsgi.informational", status: 102, headers: [["x-progress", "half"]] });
      await respond(send, "body");
    });
    const { port } = await start(app, { http2: "h2c" });
    const { interim, status } = await get(client(port));
    expect(interim[0]).toMatchObject({ ":status": 103, link: "</a.css>; rel=preload, </b.js>; rel=preload" });
    expect(interim[1]).toMatchObject({ ":status": 102, "x-progress": "half" });
    expect(status).toBe(200);
  });

  test("an app that fails halfway has its stream reset, and no other [A44 A45 A10]", async () => {
    const app = httpApp(async (scope, _receive, send) => {
      if (scope.path === "/whole") return respond(send, "whole");
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "half", more_body: true });
      throw new Error("halfway");
    });
    const { port } = await start(app, { http2: "h2c" });
    const session = client(port);
    const [cut, whole] = await Promise.all([get(session), get(session, { ":path": "/whole" })]);
    expect(cut.code).toBe(constants.NGHTTP2_INTERNAL_ERROR);
    expect(whole).toMatchObject({ status: 200, body: "whole", code: 0 });
  });

  test("a response that is cut when all of it so far has arrived never looks complete [A44 A45]", async () => {
    const { passed: fail, open } = gate();
    const app = httpApp(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "half", more_body: true });
      await fail;
      throw new Error("halfway");
    });
    const { port } = await start(app, { http2: "h2c" });
    const stream = client(port).request({ ":path": "/" });
    stream.on("error", () => {});
    let ended = false;
    stream.on("end", () => (ended = !stream.aborted && stream.rstCode === 0));
    await once(stream, "data");
    open();
    await new Promise((resolve) => stream.on("close", resolve));
    expect(ended).toBe(false);
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  });

  test("a client that takes nothing has its app wait [A50 S10]", async () => {
    const piece = new Uint8Array(16 * 1024);
    const { passed: ended, open: end } = gate();
    let sent = 0;
    const app = httpApp(async (scope, _receive, send) => {
      if (scope.path !== "/long") return respond(send, "");
      await send({ type: "http.response.start", status: 200 });
      try {
        for (; sent < 1_000; sent += 1)
          await send({ type: "http.response.body", body: piece, more_body: true });
      } catch {
        end();
      }
    });
    const { port } = await start(app, { http2: "h2c" });
    const session = client(port);
    // Nobody reads it, so its window of 64 KiB fills.
    const stalled = session.request({ ":path": "/long" });
    stalled.on("error", () => {});
    await once(stalled, "response");
    for (let i = 0; i < 20; i += 1) await get(session);
    expect(sent).toBeLessThan(100);
    stalled.close(constants.NGHTTP2_CANCEL);
    await ended;
  });

  test("what was held back goes on when the client takes it [A50]", async () => {
    const app = httpApp(async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      for (let i = 0; i < 100; i += 1) {
        await send({ type: "http.response.body", body: String(i % 10).repeat(10_000), more_body: true });
      }
      await send({ type: "http.response.body" });
    });
    const { port } = await start(app, { http2: "h2c" });
    const { body } = await get(client(port));
    expect(body).toHaveLength(1_000_000);
    expect(body.endsWith("9".repeat(10_000))).toBe(true);
  });
});

describe("the request body", () => {
  const echo = httpApp(async (_scope, receive, send) => {
    let body = "";
    for (;;) {
      const event = await receive();
      if (event.type === "http.disconnect") return;
      body += latin1Decode(event.body);
      if (!event.more_body) break;
    }
    await respond(send, body);
  });

  test.each([
    ["of a known length", { "content-length": "11" }],
    ["whose end alone tells its length", {}],
  ])("%s arrives whole [A30 A33]", async (_, headers) => {
    const { port } = await start(echo, { http2: "h2c" });
    const stream = client(port).request({ ":method": "POST", ...headers });
    const answer = answerTo(stream);
    stream.write("hello ");
    stream.end("world");
    expect(await answer).toMatchObject({ status: 200, body: "hello world", code: 0 });
  });

  test("waits for the app: an upload stops at the window [A33]", async () => {
    const { passed: goOn, open } = gate();
    const app = httpApp(async (scope, receive, send) => {
      if (scope.path !== "/upload") return respond(send, "");
      await goOn;
      let size = 0;
      for (;;) {
        const event = await receive();
        if (event.type === "http.disconnect") return;
        size += event.body.byteLength;
        if (!event.more_body) break;
      }
      await respond(send, String(size));
    });
    const { port } = await start(app, { http2: "h2c" });
    const session = client(port);
    const upload = session.request({ ":method": "POST", ":path": "/upload" });
    const answer = answerTo(upload);
    upload.end(Buffer.alloc(1_000_000));
    for (let i = 0; i < 10; i += 1) await get(session);
    expect(upload.state.localWindowSize).toBeGreaterThanOrEqual(0);
    expect(upload.writableFinished).toBe(false);
    open();
    expect(await answer).toMatchObject({ body: "1000000", code: 0 });
  });

  test("that the app does not read is no hindrance: the response is whole, and the client told to stop [A49]", async () => {
    const app = httpApp((_scope, _receive, send) => respond(send, "early"));
    const { port } = await start(app, { http2: "h2c" });
    const session = client(port);
    const upload = session.request({ ":method": "POST" });
    const answer = answerTo(upload);
    upload.write(Buffer.alloc(100_000));
    expect(await answer).toMatchObject({ status: 200, body: "early", code: constants.NGHTTP2_NO_ERROR });
    expect(await get(session)).toMatchObject({ status: 200, body: "early" });
  });

  test("cut by the client, the app sees a disconnect and an aborted signal [A34 A36]", async () => {
    const seen = gate<string>();
    const begun = gate();
    const app = httpApp(async (scope, receive) => {
      await receive();
      begun.open();
      const { type } = await receive();
      seen.open(`${type} ${scope.signal.aborted}`);
    });
    const { port, logged } = await start(app, { http2: "h2c" });
    const stream = client(port).request({ ":path": "/" });
    stream.on("error", () => {});
    await begun.passed;
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await seen.passed).toBe("http.disconnect true");
    expect(logged).toEqual([]);
  });

  test("a connection that is lost in the middle of it is no end of it [A31 A36]", async () => {
    const seen = gate<string>();
    const begun = gate();
    const app = httpApp(async (_scope, receive) => {
      await receive();
      begun.open();
      seen.open((await receive()).type);
    });
    const { port } = await start(app, { http2: "h2c" });
    const socket = connectTcp(port, "127.0.0.1");
    const session = connect("http://localhost", { createConnection: () => socket });
    session.on("error", () => {});
    const upload = session.request({ ":method": "POST" });
    upload.on("error", () => {});
    upload.write("half");
    await begun.passed;
    socket.destroy();
    expect(await seen.passed).toBe("http.disconnect");
  });

  test.each([
    ["our server", false],
    ["Node's compat layer", true],
  ])("a client that waits for 100 is told when the body is wanted, on %s [A32]", async (_, compat) => {
    const port = compat ? await compatServer(echo) : (await start(echo, { http2: "h2c" })).port;
    const session = compat ? client(port, { ca: CA }) : client(port);
    const stream = session.request({ ":method": "POST", expect: "100-continue" });
    const answer = answerTo(stream);
    let continues = 0;
    stream.on("continue", () => {
      continues += 1;
      stream.end("body");
    });
    expect(await answer).toMatchObject({ status: 200, body: "body" });
    expect(continues).toBe(1);
  });

  test("an app that does not want the body sends no 100 [A32]", async () => {
    const app = httpApp((_scope, _receive, send) => respond(send, "no", [], 403));
    const { port } = await start(app, { http2: "h2c" });
    const stream = client(port).request({ ":method": "POST", expect: "100-continue" });
    const answer = answerTo(stream);
    let continues = 0;
    stream.on("continue", () => (continues += 1));
    expect(await answer).toMatchObject({ status: 403 });
    expect(continues).toBe(0);
  });

  test("may be as long as the limit; announced longer it never reaches the app, and in pieces it is refused [S8]", async () => {
    const { port } = await start(echo, { http2: "h2c", maxBodySize: 5 });
    const session = client(port);
    const post = (body: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> => {
      const stream = session.request({ ":method": "POST", ...headers });
      const answer = answerTo(stream);
      stream.end(body);
      return answer;
    };
    expect(await post("12345")).toMatchObject({ status: 200, body: "12345" });
    expect(await post("123456", { "content-length": "6" })).toMatchObject({ status: 413 });
    expect(await post("123456")).toMatchObject({ status: 413, body: "Payload Too Large" });
    expect(await post("12345")).toMatchObject({ status: 200 });
  });

  test("that does not come in time is answered 408, and the connection serves on [S9]", async () => {
    const { port } = await start(echo, { http2: "h2c", requestTimeout: 50 });
    const session = client(port);
    const stream = session.request({ ":method": "POST" });
    const answer = answerTo(stream);
    stream.write("half");
    expect(await answer).toMatchObject({ status: 408 });
    expect(await get(session)).toMatchObject({ status: 200 });
  });
});

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

/** Somebody else's server, with our listener on Node's compat layer. */
async function compatServer(app: AsgiApp): Promise<number> {
  const server = createSecureServer({ ...SERVER, allowHTTP1: true }, toNode(app));
  server.on("sessionError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  compatServers.push(() => new Promise((resolve) => void server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}
