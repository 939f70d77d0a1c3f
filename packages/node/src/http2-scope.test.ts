// What an app is told of an HTTP/2 request.

import type { HttpScope } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { CA, SERVER } from "./fixtures/certificates.ts";
import { client, get, httpApp, respond } from "./fixtures/http2-client.ts";
import { gate, start } from "./fixtures/running.ts";
import { readHeaderList } from "./http2-scope.ts";

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
