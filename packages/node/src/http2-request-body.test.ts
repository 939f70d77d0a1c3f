// Request bodies over HTTP/2: pulled by the app, bounded, and cut by either side.

import { connect, constants, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectTcp } from "node:net";
import { latin1Decode } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { CA } from "./fixtures/certificates.ts";
import {
  answerTo,
  client,
  compatServer,
  get,
  httpApp,
  respond,
  type Answer,
} from "./fixtures/http2-client.ts";
import { gate, start } from "./fixtures/running.ts";

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
  ])("%s arrives whole [A27 A28]", async (_, headers) => {
    const { port } = await start(echo, { http2: "h2c" });
    const stream = client(port).request({ ":method": "POST", ...headers });
    const answer = answerTo(stream);
    stream.write("hello ");
    stream.end("world");
    expect(await answer).toMatchObject({ status: 200, body: "hello world", code: 0 });
  });

  test("waits for the app: an upload stops at the window [A29]", async () => {
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

  test("cut by the client, the app sees a disconnect and an aborted signal [A30 A34]", async () => {
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

  test("a connection that is lost in the middle of it is no end of it [A31]", async () => {
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
