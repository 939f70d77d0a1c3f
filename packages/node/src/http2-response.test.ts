// Responses over HTTP/2: what is different from HTTP/1, and what must not be.

import { once } from "node:events";
import { constants } from "node:http2";
import { describe, expect, test } from "vitest";
import { CA } from "./fixtures/certificates.ts";
import { client, compatServer, get, httpApp, respond } from "./fixtures/http2-client.ts";
import { gate, start } from "./fixtures/running.ts";

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
