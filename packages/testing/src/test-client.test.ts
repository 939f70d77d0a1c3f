// The test client shows what a client would see of an app, and what an app would see of a client.

import { expect, test } from "vitest";
import { SERVE, serve, type AsgiApp, type HttpScope } from "@tsgi/core";
import { answering, echo } from "./client/apps.test-support.ts";
import { lintAsgi } from "./lint-asgi.ts";
import { createTestClient } from "./test-client.ts";

const decoder = new TextDecoder();

/** Answers with the scope it was called with, in JSON. */
const scopeApp: AsgiApp = lintAsgi(async (scope, _receive, send) => {
  const { signal: _signal, ...rest } = scope as HttpScope;
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body: JSON.stringify(rest) });
});

async function scopeOf(options: Parameters<typeof createTestClient>[1], target: string): Promise<HttpScope> {
  return (await createTestClient(scopeApp, options).get(target)).json() as HttpScope;
}

test("a response has its status, reason, headers and body", async () => {
  const app = answering('{"a":1}', [
    ["content-type", "application/json"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ]);
  const response = await createTestClient(app).get("/");
  expect(response.status).toBe(200);
  expect(response.reason).toBe("OK");
  expect(response.header("Content-Type")).toBe("application/json");
  expect(response.headerValues("set-cookie")).toEqual(["a=1", "b=2"]);
  expect(response.header("x-missing")).toBeNull();
  expect(response.rawHeaders.slice(0, 2)).toEqual(["content-type", "application/json"]);
  expect(response.text()).toBe('{"a":1}');
  expect(response.json()).toEqual({ a: 1 });
  expect(response.complete).toBe(true);
  expect(response.close).toBe(false);
});

test("the scope is what a host would make of the request [A15 A16 A17 A18 A19 A20 A22 A23]", async () => {
  const client = createTestClient(scopeApp, { headers: { "X-All": "1" } });
  const response = await client.request("REPORT", "/caf%C3%A9/a%2Fb?q=%20", {
    headers: { "X-One": " trimmed " },
  });
  expect(response.json()).toEqual({
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "REPORT",
    scheme: "http",
    path: "/café/a/b",
    raw_path: "/caf%C3%A9/a%2Fb",
    query_string: "q=%20",
    root_path: "",
    headers: [
      ["host", "localhost"],
      ["x-all", "1"],
      ["x-one", "trimmed"],
    ],
    client: ["127.0.0.1", 50_000],
    server: ["localhost", 80],
    state: null,
    extensions: {
      "http.response.early_hint": {},
      "http.response.trailers": {},
      "http.response.debug": {},
      "tsgi.reason": {},
      "tsgi.informational": {},
    },
    rawHeaders: ["host", "localhost", "X-All", "1", "X-One", " trimmed "],
  });
});

test("text in a target goes as percent-encoded UTF-8", async () => {
  expect((await scopeOf({}, "/日 é?x=ü")).raw_path).toBe("/%E6%97%A5%20%C3%A9");
  expect((await scopeOf({}, "/日 é?x=ü")).path).toBe("/日 é");
  expect((await scopeOf({}, "/日 é?x=ü")).query_string).toBe("x=%C3%BC");
});

test("the host header names the server, or what an absolute target names", async () => {
  const host = async (
    options: Parameters<typeof createTestClient>[1],
    target = "/",
  ): Promise<string | undefined> =>
    (await scopeOf(options, target)).headers.find(([name]) => name === "host")?.[1];
  expect(await host({ server: ["::1", 8000] })).toBe("[::1]:8000");
  expect(await host({ server: ["example.org", 443], scheme: "https" })).toBe("example.org");
  expect(await host({ server: ["/run/app.sock", null] })).toBe("localhost");
  expect(await host({ server: null })).toBe("localhost");
  expect(await host({}, "http://example.org:81/p")).toBe("example.org:81");
  expect(await host({ headers: { Host: "own" } })).toBe("own");
});

test("a mounted app is asked with the mount prefix or without [A21]", async () => {
  const within = await scopeOf({ rootPath: "/mnt" }, "/mnt/x");
  const without = await scopeOf({ rootPath: "/mnt" }, "/x");
  expect([within.root_path, within.path, within.raw_path]).toEqual(["/mnt", "/mnt/x", "/mnt/x"]);
  expect([without.root_path, without.path, without.raw_path]).toEqual(["/mnt", "/mnt/x", "/x"]);
  expect((await scopeOf({ rootPath: "/mnt" }, "/mntx")).path).toBe("/mnt/mntx");
});

test("a header that no client could send is refused [S4]", async () => {
  const client = createTestClient(echo);
  await expect(client.get("/", { headers: { "x-a": "1\r\nx-b: 2" } })).rejects.toMatchObject({
    code: "TSGI_ERR_HEADER",
  });
  await expect(client.get("/", { headers: [["bad name", "1"]] })).rejects.toMatchObject({
    code: "TSGI_ERR_HEADER",
  });
});

test("a whole body is announced by its length, in bytes", async () => {
  const client = createTestClient(
    lintAsgi(async (scope, receive, send) => {
      const event = await receive();
      const length = (scope as HttpScope).headers.find(([name]) => name === "content-length")?.[1];
      await send({ type: "http.response.start", status: 200, headers: [["x-length", String(length)]] });
      await send({
        type: "http.response.body",
        body: JSON.stringify(event.type === "http.request" && event.more_body),
      });
    }),
  );
  const response = await client.post("/", { body: "é" });
  expect(response.header("x-length")).toBe("2");
  expect(response.text()).toBe("false");
  expect((await client.post("/")).header("x-length")).toBe("undefined");
  expect((await client.post("/", { body: "" })).header("x-length")).toBe("0");
});

test("JSON goes with its content-type, unless the test gives one", async () => {
  const client = createTestClient(scopeApp);
  const sent = await client.put("/", { json: { a: "é" } });
  expect((sent.json() as HttpScope).headers).toEqual([
    ["host", "localhost"],
    ["content-type", "application/json"],
    ["content-length", "10"],
  ]);
  expect((await createTestClient(echo).put("/", { json: { a: "é" } })).text()).toBe('{"a":"é"}');
  const own = await client.put("/", { json: 1, headers: { "Content-Type": "application/x+json" } });
  expect((own.json() as HttpScope).headers[1]).toEqual(["content-type", "application/x+json"]);
  await expect(client.put("/", { json: 1, body: "1" })).rejects.toMatchObject({ code: "TSGI_ERR_OPTION" });
});

test("what an app throws rejects the request, or is a 500 for the client [A45]", async () => {
  const app: AsgiApp = () => {
    throw new TypeError("broken");
  };
  await expect(createTestClient(app).get("/")).rejects.toThrow(new TypeError("broken"));
  const response = await createTestClient(app, { raiseAppErrors: false }).get("/");
  expect(response.status).toBe(500);
  expect(response.text()).not.toContain("broken");
  expect(response.log).toEqual([
    { level: "error", message: 'The app failed at GET "/"', error: new TypeError("broken") },
  ]);
});

test("a throw of undefined rejects the request, or is a 500 that is logged, like any other [A10 A45]", async () => {
  const app: AsgiApp = () => {
    throw undefined;
  };
  await expect(createTestClient(app).get("/")).rejects.toMatchObject({ code: "TSGI_ERR_THROWN" });
  const response = await createTestClient(app, { raiseAppErrors: false }).get("/");
  expect(response.status).toBe(500);
  expect(response.log).toMatchObject([
    { level: "error", message: 'The app failed at GET "/"', error: { code: "TSGI_ERR_THROWN" } },
  ]);
});

test("an error after the whole response rejects the request too [S26]", async () => {
  const app: AsgiApp = async (...call) => {
    await answering("done")(...call);
    throw new Error("too late");
  };
  await expect(createTestClient(app).get("/")).rejects.toThrow("too late");
});

test("a late error cuts the response, and what came of it can be looked at [A45]", async () => {
  const app: AsgiApp = async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "half", more_body: true });
    throw new Error("late");
  };
  const response = await createTestClient(app, { raiseAppErrors: false }).get("/");
  expect([response.status, response.text(), response.complete]).toEqual([200, "half", false]);
  const exchange = createTestClient(app).open("GET", "/");
  expect(decoder.decode((await exchange.read()) ?? undefined)).toBe("half");
  await expect(exchange.read()).rejects.toMatchObject({ code: "TSGI_ERR_INCOMPLETE" });
});

test("an app with a faster door is served by it", async () => {
  const app: AsgiApp = Object.assign(
    () => {
      throw new Error("the plain function was called");
    },
    {
      [SERVE]: ((scope, transport) =>
        serve(answering("by the door"), scope, transport)) satisfies AsgiApp[typeof SERVE],
    },
  );
  expect((await createTestClient(app).get("/")).text()).toBe("by the door");
});

test("the reason phrase is the app's or the standard one, and HTTP/2 has none", async () => {
  const app: AsgiApp = async (_scope, _receive, send) => {
    await send({
      type: "http.response.start",
      status: 404,
      reason: "Gone Fishing",
      headers: [["connection", "close"]],
    });
    await send({ type: "http.response.body" });
  };
  const response = await createTestClient(app).get("/");
  expect([response.reason, response.close]).toEqual(["Gone Fishing", true]);
  expect((await createTestClient(app, { httpVersion: "2" }).get("/")).reason).toBe("");
});
