// A request step by step: the body in pieces, a slow reader, a client that goes away.

import { expect, test } from "vitest";
import { ClientDisconnected, type AsgiApp, type HttpScope, type SendEvent } from "@tsgi/core";
import { answering, echo, settled } from "./client/apps.test-support.ts";
import { lintAsgi } from "./lint-asgi.ts";
import { createTestClient } from "./test-client.ts";

const decoder = new TextDecoder();

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

test("by default an app waits from 64 KiB on, and 64 MiB are collected", async () => {
  const order: string[] = [];
  const part = new Uint8Array(65_535);
  const app: AsgiApp = async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    for (const body of [part, "x", "y"]) {
      await send({ type: "http.response.body", body, more_body: true });
      order.push(`sent ${body.length}`);
    }
    await send({ type: "http.response.body" });
  };
  const exchange = createTestClient(app).open("GET", "/");
  await settled();
  expect([order, exchange.buffered]).toEqual([["sent 65535"], 65_536]);
  await exchange.response();
  const tooLong: AsgiApp = async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    const piece = new Uint8Array(1_048_576);
    for (let left = 64; left > 0; left -= 1)
      await send({ type: "http.response.body", body: piece, more_body: true });
    await send({ type: "http.response.body", body: "x" });
  };
  await expect(createTestClient(tooLong).get("/")).rejects.toMatchObject({ code: "TSGI_ERR_BODY_TOO_LARGE" });
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
