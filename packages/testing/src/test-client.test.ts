// The test client shows what a client would see of any app, and what the app would see of any client.

import { expect, test } from "vitest";
import {
  ClientDisconnected,
  SERVE,
  UnsupportedScopeError,
  serve,
  type AsgiApp,
  type HttpScope,
  type Scope,
  type SendEvent,
} from "@tsgi/core";
import { lintAsgi } from "./lint-asgi.ts";
import { createTestClient } from "./test-client.ts";

const decoder = new TextDecoder();

/** Answers 200 with a text. */
function answering(text: string, headers: readonly (readonly [string, string])[] = []): AsgiApp {
  return async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, headers });
    await send({ type: "http.response.body", body: text });
  };
}

/** Answers with the scope it was called with, in JSON. */
const scopeApp: AsgiApp = lintAsgi(async (scope, _receive, send) => {
  const { signal: _signal, ...rest } = scope as HttpScope;
  await send({ type: "http.response.start", status: 200 });
  await send({ type: "http.response.body", body: JSON.stringify(rest) });
});

/** Answers with the request body. */
const echo: AsgiApp = lintAsgi(async (_scope, receive, send) => {
  await send({ type: "http.response.start", status: 200 });
  for (;;) {
    const event = await receive();
    if (event.type !== "http.request") return;
    await send({ type: "http.response.body", body: event.body, more_body: event.more_body });
    if (!event.more_body) return;
  }
});

async function scopeOf(options: Parameters<typeof createTestClient>[1], target: string): Promise<HttpScope> {
  return (await createTestClient(scopeApp, options).get(target)).json<HttpScope>();
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
  expect(sent.json<HttpScope>().headers).toEqual([
    ["host", "localhost"],
    ["content-type", "application/json"],
    ["content-length", "10"],
  ]);
  expect((await createTestClient(echo).put("/", { json: { a: "é" } })).text()).toBe('{"a":"é"}');
  const own = await client.put("/", { json: 1, headers: { "Content-Type": "application/x+json" } });
  expect(own.json<HttpScope>().headers[1]).toEqual(["content-type", "application/x+json"]);
  await expect(client.put("/", { json: 1, body: "1" })).rejects.toMatchObject({ code: "TSGI_ERR_OPTION" });
});

test("a body in pieces has no length, and arrives in its pieces [A25 A28]", async () => {
  async function* pieces(): AsyncGenerator<string> {
    yield "one ";
    yield "";
    yield "two";
  }
  const seen: unknown[] = [];
  const app = lintAsgi(async (scope, receive, send) => {
    seen.push((scope as HttpScope).headers.slice(1));
    for (;;) {
      const event = await receive();
      if (event.type !== "http.request") return;
      seen.push([decoder.decode(event.body), event.more_body]);
      if (!event.more_body) break;
    }
    await send({ type: "http.response.start", status: 204 });
    await send({ type: "http.response.body" });
  });
  await createTestClient(app).post("/", { body: pieces() });
  expect(seen).toEqual([[["transfer-encoding", "chunked"]], ["one ", true], ["two", true], ["", false]]);
  seen.length = 0;
  await createTestClient(app, { httpVersion: "2" }).post("/", { body: ["one"] });
  expect(seen).toEqual([[], ["one", true], ["", false]]);
});

test("a body that fails makes the client go away [A31]", async () => {
  async function* broken(): AsyncGenerator<string> {
    yield "one";
    throw new Error("no more");
  }
  const events: string[] = [];
  const app: AsgiApp = async (_scope, receive) => {
    for (;;) {
      const { type } = await receive();
      events.push(type);
      if (type === "http.disconnect") return;
    }
  };
  await expect(createTestClient(app).post("/", { body: broken() })).rejects.toThrow("no more");
  expect(events).toEqual(["http.request", "http.disconnect"]);
});

test("an exchange goes step by step: body, head, pieces [A28 A30]", async () => {
  const exchange = createTestClient(echo).open("POST", "/");
  await exchange.sendBody("one");
  expect((await exchange.head).status).toBe(200);
  expect(decoder.decode((await exchange.read()) ?? new Uint8Array())).toBe("one");
  await exchange.sendBody("two");
  exchange.endBody();
  const rest: string[] = [];
  for await (const piece of exchange.pieces) rest.push(decoder.decode(piece));
  expect(rest).toEqual(["two"]);
  expect(await exchange.read()).toBeNull();
  expect(exchange.complete).toBe(true);
  await exchange.done;
});

test("what is left of an exchange makes a whole response", async () => {
  const exchange = createTestClient(echo).open("POST", "/");
  await exchange.sendBody("one");
  await exchange.read();
  await exchange.sendBody("two");
  exchange.endBody();
  expect((await exchange.response()).text()).toBe("two");
});

test("a piece of the body waits until the app asks for it [A29]", async () => {
  let ask!: () => void;
  const asked = new Promise<void>((resolve) => {
    ask = resolve;
  });
  const order: string[] = [];
  const app: AsgiApp = async (_scope, receive, send) => {
    await asked;
    order.push("asked");
    await receive();
    await send({ type: "http.response.start", status: 204 });
    await send({ type: "http.response.body" });
  };
  const exchange = createTestClient(app).open("POST", "/");
  const sent = exchange.sendBody("x").then(() => order.push("taken"));
  ask();
  await sent;
  expect(order).toEqual(["asked", "taken"]);
  await exchange.done;
});

test("1024 pieces of a body may wait, and one more is refused", async () => {
  const exchange = createTestClient(() => new Promise(() => {})).open("POST", "/");
  const waiting = Array.from({ length: 1024 }, () => exchange.sendBody("x"));
  expect(() => exchange.sendBody("x")).toThrow(expect.objectContaining({ code: "TSGI_ERR_SEND_OVERFLOW" }));
  exchange.disconnect();
  await Promise.all(waiting);
  exchange.endBody();
  await expect(exchange.sendBody("nobody wants it")).resolves.toBeUndefined();
});

test("a body that was ended takes no more", () => {
  const exchange = createTestClient(() => new Promise(() => {})).open("POST", "/");
  exchange.endBody();
  expect(() => exchange.sendBody("x")).toThrow(expect.objectContaining({ code: "TSGI_ERR_EVENT_ORDER" }));
});

test("an app waits once the high-water mark is reached, and goes on when there is room [A7 A50]", async () => {
  const order: string[] = [];
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    for (const body of ["aa", "bb", "cc"]) {
      await send({ type: "http.response.body", body, more_body: true });
      order.push(`sent ${body}`);
    }
    await send({ type: "http.response.body" });
  });
  const exchange = createTestClient(app, { highWaterMark: 3 }).open("GET", "/");
  exchange.pause();
  await exchange.head;
  const reading = exchange.read().then((piece) => order.push(`read ${decoder.decode(piece ?? undefined)}`));
  await settled();
  expect(order).toEqual(["sent aa"]);
  expect(exchange.buffered).toBe(4);
  exchange.resume();
  await reading;
  await settled();
  expect(order).toEqual(["sent aa", "read aa", "sent bb"]);
  expect((await exchange.response()).text()).toBe("bbcc");
});

test("with a high-water mark of 0 every piece waits until it is read [A50]", async () => {
  const app = answering("whole");
  expect((await createTestClient(app, { highWaterMark: 0 }).get("/")).text()).toBe("whole");
  const exchange = createTestClient(echo, { highWaterMark: 0 }).open("POST", "/");
  void exchange.sendBody("one");
  void exchange.sendBody("two");
  exchange.endBody();
  expect((await exchange.response()).text()).toBe("onetwo");
});

test("a response longer than the limit is cut, and one of exactly that length is not", async () => {
  const endless: AsgiApp = async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    for (;;) await send({ type: "http.response.body", body: "12345678", more_body: true });
  };
  const client = createTestClient(endless, { maxResponseSize: 64, highWaterMark: 16 });
  await expect(client.get("/")).rejects.toMatchObject({ code: "TSGI_ERR_BODY_TOO_LARGE" });
  const exact = createTestClient(answering("x".repeat(64)), { maxResponseSize: 64 });
  expect((await exact.get("/")).body.byteLength).toBe(64);
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

test("a client goes away after exactly so many bytes of its body [A31 A34]", async () => {
  const seen: string[] = [];
  const app = lintAsgi(async (scope, receive) => {
    for (;;) {
      const event = await receive();
      seen.push(
        event.type === "http.request" ? `${decoder.decode(event.body)} ${event.more_body}` : event.type,
      );
      if (event.type !== "http.request") break;
    }
    seen.push(String((scope as HttpScope).signal.aborted));
  });
  const client = createTestClient(app);
  await expect(client.post("/", { body: "12345", disconnectAfter: { uploaded: 3 } })).rejects.toThrow(
    ClientDisconnected,
  );
  expect(seen).toEqual(["123 true", "http.disconnect", "true"]);
  seen.length = 0;
  await expect(client.post("/", { body: ["12", "34"], disconnectAfter: { uploaded: 2 } })).rejects.toThrow(
    ClientDisconnected,
  );
  expect(seen).toEqual(["12 true", "http.disconnect", "true"]);
  seen.length = 0;
  await expect(client.post("/", { body: "1", disconnectAfter: { uploaded: 0 } })).rejects.toThrow(
    ClientDisconnected,
  );
  expect(seen).toEqual(["http.disconnect", "true"]);
});

test("a body that ends at the byte of the disconnect is whole", async () => {
  const response = await createTestClient(echo).post("/", { body: "123", disconnectAfter: { uploaded: 3 } });
  expect(response.text()).toBe("123");
});

test("a client goes away after exactly so many bytes of the response [A8 A34]", async () => {
  const outcome: unknown[] = [];
  const app = lintAsgi(async (scope, receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    try {
      for (const body of ["12", "34", "56"])
        await send({ type: "http.response.body", body, more_body: true });
    } catch (error) {
      outcome.push((error as { code?: unknown }).code, (scope as HttpScope).signal.aborted);
      outcome.push((await receive()).type);
      throw error;
    }
  });
  const response = await createTestClient(app).get("/", { disconnectAfter: { downloaded: 3 } });
  expect([response.text(), response.complete, response.log]).toEqual(["123", false, []]);
  expect(outcome).toEqual(["ECONNRESET", true, "http.disconnect"]);
  const none = await createTestClient(app).get("/", { disconnectAfter: { downloaded: 0 } });
  expect([none.status, none.text(), none.complete]).toEqual([200, "", false]);
});

test("a last piece is cut at the byte of the disconnect, though the app has sent it whole", async () => {
  const response = await createTestClient(answering("12345")).get("/", {
    disconnectAfter: { downloaded: 3 },
  });
  expect([response.text(), response.complete]).toEqual(["123", false]);
  const whole = await createTestClient(answering("123")).get("/", { disconnectAfter: { downloaded: 3 } });
  expect(whole.complete).toBe(true);
});

test("a client that disconnects is reported to a waiting app at once [A30 A34]", async () => {
  const app = lintAsgi(async (scope, receive, send) => {
    await receive();
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "…", more_body: true });
    expect((await receive()).type).toBe("http.disconnect");
    expect((await receive()).type).toBe("http.disconnect");
    expect((scope as HttpScope).signal.reason).toBeInstanceOf(ClientDisconnected);
  });
  const exchange = createTestClient(app).open("GET", "/");
  await exchange.read();
  exchange.disconnect();
  expect((await exchange.response()).complete).toBe(false);
});

test("a request is given up by its signal", async () => {
  const controller = new AbortController();
  const app: AsgiApp = async (_scope, receive) => {
    await receive();
    controller.abort();
    await receive();
  };
  await expect(createTestClient(app).get("/", { signal: controller.signal })).rejects.toThrow(
    ClientDisconnected,
  );
  await expect(createTestClient(app).get("/", { signal: AbortSignal.abort() })).rejects.toThrow(
    ClientDisconnected,
  );
});

test("interim responses come as they are sent, ahead of the head [A51]", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({ type: "http.response.early_hint", links: ["</a.css>; rel=preload"] });
    await send({ type: "tsgi.informational", status: 102 });
    await answering("x")(_scope, _receive, send);
  });
  const told: number[] = [];
  const client = createTestClient(app);
  const response = await client.get("/", { onInformational: ({ status }) => told.push(status) });
  expect(told).toEqual([103, 102]);
  expect(response.informational.map(({ status, headers }) => [status, headers])).toEqual([
    [103, [["link", "</a.css>; rel=preload"]]],
    [102, []],
  ]);
  const exchange = client.open("GET", "/");
  expect([(await exchange.nextHead()).status, (await exchange.nextHead()).status]).toEqual([103, 102]);
  expect([(await exchange.nextHead()).status, (await exchange.nextHead()).status]).toEqual([200, 200]);
  expect((await createTestClient(app, { httpVersion: "1.0" }).get("/")).informational).toEqual([]);
});

test("trailers come after the body, where the client asks for them [A52]", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200, trailers: true });
    await send({ type: "http.response.body", body: "x" });
    await send({ type: "http.response.trailers", headers: [["x-sum", "1"]] });
  });
  const asked = await createTestClient(app).get("/", { headers: { te: "trailers" } });
  expect(asked.trailers).toEqual([["x-sum", "1"]]);
  expect((await createTestClient(app).get("/")).trailers).toBeNull();
});

test("facts for the test are kept, and offered by nobody else [A57]", async () => {
  const app = lintAsgi(async (...call) => {
    await call[2]({ type: "http.response.debug", info: { template: "a.html" } });
    await answering("x")(...call);
  });
  expect((await createTestClient(app).get("/")).debug).toEqual([{ template: "a.html" }]);
  await expect(createTestClient(app, { extensions: {} }).get("/")).rejects.toMatchObject({ rule: "A13" });
});

test("files are offered where the test opens them [A12 A54]", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.pathsend", path: "/srv/file" });
  });
  const file = new TextEncoder().encode("of the file");
  let position = 0;
  const client = createTestClient(app, {
    openFile: async (path) => {
      expect(path).toBe("/srv/file");
      return {
        read: async (size) => file.subarray(position, (position += size)),
        close: async () => {},
      };
    },
  });
  expect((await client.get("/")).text()).toBe("of the file");
  await expect(createTestClient(app).get("/")).rejects.toMatchObject({ rule: "A13" });
});

test("server-sent events are read as they come, wherever the pieces end", async () => {
  const app = lintAsgi(async (_scope, _receive, send) => {
    await send({
      type: "http.response.start",
      status: 200,
      headers: [["content-type", "text/event-stream"]],
    });
    for (const body of [
      "\uFEFFretry: 10\nid: 1\nda",
      "ta: one\r",
      "\n: note\r\ndata: two\n\nevent: tick\r\rdata\n",
      "\nid\ndata:x",
    ]) {
      await send({ type: "http.response.body", body, more_body: true });
    }
    await send({ type: "http.response.body", body: "\n\ndata: never ended" });
  });
  const events: unknown[] = [];
  for await (const event of createTestClient(app).open("GET", "/").serverSentEvents()) events.push(event);
  expect(events).toEqual([
    { type: "message", data: "one\ntwo", lastEventId: "1", retry: 10 },
    { type: "message", data: "", lastEventId: "1", retry: 10 },
    { type: "message", data: "x", lastEventId: "", retry: 10 },
  ]);
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

test("requests without a start have no state; after it each has a copy [A24 A86 A90]", async () => {
  const life: string[] = [];
  const app: AsgiApp<{ seen: number[] }> = async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      await receive();
      Object.assign(scope.state, { seen: [] });
      life.push("started");
      await send({ type: "lifespan.startup.complete" });
      await receive();
      life.push("stopped");
      await send({ type: "lifespan.shutdown.complete" });
      return;
    }
    const { state } = scope as Scope & { state: { seen: number[]; own?: true } | null };
    const isFresh = state !== null && state.own === undefined;
    if (state !== null) {
      state.own = true;
      state.seen.push(1);
    }
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: `${isFresh} ${state?.seen.length}` });
  };
  const client = createTestClient(app);
  expect((await client.get("/")).text()).toBe("false undefined");
  await client.start();
  expect((await client.get("/")).text()).toBe("true 1");
  expect((await client.get("/")).text()).toBe("true 2");
  expect(life).toEqual(["started"]);
  await client[Symbol.asyncDispose]();
  expect(life).toEqual(["started", "stopped"]);
});

test("a startup that fails rejects with the app's message [A80 A90]", async () => {
  const app: AsgiApp = async (_scope, receive, send) => {
    await receive();
    await send({ type: "lifespan.startup.failed", message: "no database" });
  };
  await expect(createTestClient(app).start()).rejects.toThrow("no database");
});

test("lifespan can be left out, and is not asked of an app that has none [A81 A90]", async () => {
  const types: string[] = [];
  const app: AsgiApp = async (...call) => {
    types.push(call[0].type);
    if (call[0].type !== "http") throw new UnsupportedScopeError(call[0].type);
    await answering("x")(...call);
  };
  await (await createTestClient(app, { lifespan: "off" }).start()).get("/");
  expect(types).toEqual(["http"]);
  await (await createTestClient(app).start()).get("/");
  expect(types).toEqual(["http", "lifespan", "http"]);
  await expect(createTestClient(app, { lifespan: "on" }).start()).rejects.toMatchObject({
    code: "TSGI_ERR_LIFESPAN",
  });
});

test("stop ends what is still open before the shutdown [A82]", async () => {
  const order: string[] = [];
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type === "lifespan") {
      await receive();
      await send({ type: "lifespan.startup.complete" });
      await receive();
      order.push("shutdown");
      await send({ type: "lifespan.shutdown.complete" });
      return;
    }
    await receive();
    await receive();
    order.push("disconnected");
  };
  const client = await createTestClient(app).start();
  client.open("GET", "/");
  await client.stop();
  expect(order).toEqual(["disconnected", "shutdown"]);
});

test("an app may send anything unawaited and still be read whole [A7]", async () => {
  const events: SendEvent[] = [
    { type: "http.response.start", status: 200 },
    { type: "http.response.body", body: "a", more_body: true },
    { type: "http.response.body", body: "b" },
  ];
  const app: AsgiApp = (_scope, _receive, send) => {
    for (const event of events) void send(event);
  };
  expect((await createTestClient(app, { highWaterMark: 1 }).get("/")).text()).toBe("ab");
});

/** Resolves once every reaction that is due has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
