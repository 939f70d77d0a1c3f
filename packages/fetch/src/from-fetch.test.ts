// A fetch handler as a portable app: how it is called, what it is given, and when it is done.

import { request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import {
  GatewayError,
  UnsupportedScopeError,
  deriveScope,
  withLifespan,
  type AsgiApp,
  type HttpScope,
  type Scope,
} from "@tsgi/core";
import { serveNode } from "@tsgi/node";
import { createTestClient } from "@tsgi/testing";
import type { ExecutionContextLike } from "./execution-context.ts";
import { FastResponse, fastParts } from "./fast-response.ts";
import { fromFetch, type FromFetchOptions } from "./from-fetch.ts";
import { toFetch } from "./to-fetch.ts";

/** A middleware that changes nothing: it hides the faster door. */
const plain =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

test("an object with fetch is called as one", async () => {
  const worker = {
    greeting: "hello",
    fetch() {
      return new Response(this.greeting);
    },
  };
  expect((await createTestClient(fromFetch(worker)).get("/")).text()).toBe("hello");
});

test.each([undefined, null, 7, "text", {}, { fetch: 7 }])("%j is no handler", (value) => {
  expect(() => fromFetch(value as never)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
});

test.each([
  { mountedUrl: "above" },
  { dotSegments: true },
  { enV: () => 1 },
  { log: 1 },
  { env: {} },
] as unknown[])("the options %j are refused [S8]", (options) => {
  expect(() => fromFetch(() => new Response(), options as FromFetchOptions)).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_OPTION" }),
  );
});

test("scopes other than http are refused, and withLifespan adds a lifespan [A6]", async () => {
  const app = fromFetch(() => new Response("served"));
  const call = (type: string): unknown =>
    app(
      { type } as Scope,
      () => new Promise(() => {}),
      () => Promise.resolve(),
    );
  expect(() => call("lifespan")).toThrow(UnsupportedScopeError);
  expect(() => call("websocket")).toThrow(UnsupportedScopeError);
  const states: unknown[] = [];
  const living = withLifespan(app, async function* (state: { name?: string }) {
    state.name = "started";
    yield;
    states.push(state.name);
  });
  const client = await createTestClient(living).start();
  expect((await client.get("/")).text()).toBe("served");
  await client.stop();
  expect(states).toEqual(["started"]);
});

test("the second argument is an object of one's own for each request, or what env makes of the scope", async () => {
  const seen: unknown[] = [];
  const handler = (_request: Request, env: unknown): Response => {
    seen.push(env);
    return new Response();
  };
  await createTestClient(fromFetch(handler)).get("/");
  await createTestClient(plain(fromFetch(handler))).get("/");
  const bound = fromFetch(handler, { env: ({ path }) => ({ PATH_OF: path }) });
  await createTestClient(bound).get("/x");
  await createTestClient(plain(bound)).get("/y");
  expect(seen).toEqual([{}, {}, { PATH_OF: "/x" }, { PATH_OF: "/y" }]);
});

test.each([
  ["through the faster door", (app: AsgiApp) => app],
  ["behind a middleware", plain],
])("waitUntil keeps the app going after the response, %s", async (_door, wrap) => {
  let finish!: () => void;
  const lines: unknown[] = [];
  const order: string[] = [];
  const app = fromFetch(
    (_request, _env, context: ExecutionContextLike) => {
      context.passThroughOnException?.();
      context.waitUntil(
        new Promise<void>((resolve) => {
          finish = resolve;
        }).then(() => {
          order.push("the work");
          // Work may leave more work behind.
          context.waitUntil(
            Promise.reject(new Error("the mail was not sent")).finally(() => order.push("more")),
          );
        }),
      );
      return new Response("at once");
    },
    { log: (_level, message, error) => lines.push([message, String(error)]) },
  );
  const exchange = createTestClient(wrap(app)).open("GET", "/mail");
  await exchange.head;
  expect(new TextDecoder().decode((await exchange.read()) ?? undefined)).toBe("at once");
  expect(await exchange.read()).toBeNull();
  void exchange.done.then(() => order.push("done"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  finish();
  await exchange.done;
  await Promise.resolve();
  expect(order).toEqual(["the work", "more", "done"]);
  const logged = [...lines, ...exchange.log.map(({ message, error }) => [message, String(error)])];
  expect(logged).toEqual([['Work after GET "/mail" failed', "Error: the mail was not sent"]]);
});

test("requests at the same time do not see each other [S13]", async () => {
  const gates: (() => void)[] = [];
  const app = fromFetch(async (request) => {
    await new Promise<void>((resolve) => gates.push(resolve));
    const { url, headers } = request;
    return new FastResponse(`${url} ${headers.get("x-number")} ${await request.text()}`);
  });
  const client = createTestClient(app);
  const answers = Array.from({ length: 20 }, (_, i) =>
    client.post(`/${i}`, { body: `body ${i}`, headers: { "x-number": String(i) } }),
  );
  while (gates.length < 20) await new Promise((resolve) => setImmediate(resolve));
  for (const open of gates.toReversed()) open();
  const texts = (await Promise.all(answers)).map((response) => response.text());
  expect(texts).toEqual(Array.from({ length: 20 }, (_, i) => `http://localhost/${i} ${i} body ${i}`));
});

test("a client that leaves a real server aborts the signal and ends the body, each once [A30 A34]", async () => {
  const told: string[] = [];
  let ended!: () => void;
  const isOver = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const app = fromFetch(async (request) => {
    request.signal.addEventListener("abort", () => told.push("signal"));
    const reader = (request.body as ReadableStream<Uint8Array>).getReader();
    try {
      while (!(await reader.read()).done);
      told.push("end");
    } catch (error) {
      told.push((error as GatewayError).code);
    }
    ended();
    return new Response("nobody reads this");
  });
  const lines: unknown[] = [];
  const server = await serveNode(app, { port: 0, lifespan: "off", log: (...line) => lines.push(line) });
  const [, port] = server.address as [string, number];
  const sent = httpRequest({
    port,
    host: "127.0.0.1",
    method: "POST",
    headers: { "content-length": "1000" },
  });
  sent.on("error", () => {});
  sent.write("a part", () => sent.destroy());
  await isOver;
  await server.close();
  expect(told.toSorted()).toEqual(["ECONNRESET", "signal"]);
  expect(lines).toEqual([]);
});

test("an error of a stream whose client is slow waits for it, and is no unhandled rejection [S26 A50]", async () => {
  let fail!: (error: unknown) => void;
  let at = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        at += 1;
        if (at > 1) return new Promise<void>(() => {});
        fail = (error) => controller.error(error);
        controller.enqueue(new Uint8Array(100_000));
        return Promise.resolve();
      },
    },
    { highWaterMark: 0 },
  );
  const client = createTestClient(
    fromFetch(() => new Response(body)),
    { raiseAppErrors: false, highWaterMark: 1 },
  );
  const exchange = client.open("GET", "/");
  await exchange.head;
  fail(new Error("the source is gone"));
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect((await exchange.read())?.byteLength).toBe(100_000);
  await expect(exchange.read()).rejects.toThrow();
  await exchange.done;
  expect(exchange.log.map(({ error }) => String(error))).toEqual(["Error: the source is gone"]);
});

test("a fetch host and a fetch guest hand Request, environment, context and Response over as they are", async () => {
  const request = new Request("http://localhost/path?q", { method: "POST", body: "text" });
  const env = { KEY: "value" };
  const context: ExecutionContextLike = { waitUntil() {} };
  const response = new Response("answer");
  const seen: unknown[] = [];
  const handler = toFetch(
    fromFetch((...args) => {
      seen.push(...args);
      return response;
    }),
  );
  expect(await handler(request, env, context)).toBe(response);
  expect([seen[0] === request, seen[1] === env, seen[2] === context, request.bodyUsed]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test("a guest behind a middleware gets the host's Request as long as nothing of it was changed [A11]", async () => {
  const given = async (
    middleware: (app: AsgiApp) => AsgiApp,
    url = "http://localhost/path",
  ): Promise<[boolean, string]> => {
    const request = new Request(url, { method: "POST", body: "text", headers: { "x-one": "1" } });
    let same = false;
    const app = fromFetch(async (got, env) => {
      same = got === request;
      return new Response(
        `${got.method} ${got.url} ${got.headers.get("x-one")} ${await got.text()} ${JSON.stringify(env)}`,
      );
    });
    const response = await toFetch(middleware(app), { lifespan: "off" })(request, { KEY: 1 });
    return [same, await response.text()];
  };
  const http = (scope: Scope): HttpScope => scope as HttpScope;
  expect(await given(plain)).toEqual([true, 'POST http://localhost/path 1 text {"KEY":1}']);
  expect(
    await given(
      (app) => (scope, receive, send) => app(deriveScope(http(scope), { method: "PUT" }), receive, send),
    ),
  ).toEqual([false, 'PUT http://localhost/path 1 text {"KEY":1}']);
  expect(
    await given(
      (app) => (scope, receive, send) =>
        app(deriveScope(http(scope), { headers: [...http(scope).headers, ["x-one", "2"]] }), receive, send),
    ),
  ).toEqual([false, 'POST http://localhost/path 1, 2 text {"KEY":1}']);
  expect(
    await given(
      (app) => (scope, receive, send) =>
        app(deriveScope(http(scope), { raw_path: "/b", path: "/b" }), receive, send),
    ),
  ).toEqual([false, 'POST http://localhost/b 1 text {"KEY":1}']);
  expect(
    await given(
      (app) => (scope, receive, send) =>
        app(
          scope,
          async () => {
            const event = await receive();
            return event.type === "http.request" && event.body.byteLength > 0
              ? { ...event, body: new TextEncoder().encode("other") }
              : event;
          },
          send,
        ),
    ),
  ).toEqual([false, 'POST http://localhost/path 1 other {"KEY":1}']);
});

test("a fetch host makes a standard Response of a fast one, and a 500 of what is none [S20]", async () => {
  const fast = await toFetch(fromFetch(() => new FastResponse("fast", { status: 201 })))(
    new Request("http://localhost/"),
  );
  expect(fastParts(fast)).toBeNull();
  expect([fast.status, await fast.text()]).toEqual([201, "fast"]);
  const lines: unknown[] = [];
  const log = (...line: unknown[]): void => void lines.push(line);
  for (const wrong of [
    () => undefined,
    () => Response.error(),
    () => {
      throw new Error("a secret");
    },
  ]) {
    const failed = await toFetch(fromFetch(wrong as unknown as () => Response), { log })(
      new Request("http://localhost/"),
    );
    expect([failed.status, await failed.text()]).toEqual([500, "Internal Server Error"]);
  }
  expect(lines).toHaveLength(3);
});

test("what a server of ours knows of a request goes through a fetch handler [A15 A19 A23 X12]", async () => {
  let seen: HttpScope | undefined;
  const inner = toFetch(async (scope, _receive, send) => {
    seen = scope as HttpScope;
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "" });
  });
  const app = fromFetch((request) => {
    // Other names in front, as a router has them.
    expect(request.method).toBe("GET");
    return inner(request);
  });
  await createTestClient(app, { httpVersion: "2", client: ["10.0.0.9", 1234] }).get("/a%2Fb?x", {
    headers: [
      ["X-Two", "2"],
      ["X-One", "1"],
      ["X-One", "again"],
    ],
  });
  expect(seen).toMatchObject({ http_version: "2", raw_path: "/a%2Fb", client: ["10.0.0.9", 1234] });
  expect(seen?.headers.map(([name, value]) => `${name}=${value}`)).toEqual([
    "host=localhost",
    "x-two=2",
    "x-one=1",
    "x-one=again",
  ]);
});

test("a header that the handler in between has set arrives as well [A22]", async () => {
  let headers: HttpScope["headers"] = [];
  const inner = toFetch(async (scope, _receive, send) => {
    headers = (scope as HttpScope).headers;
    await send({ type: "http.response.start", status: 200 });
    await send({ type: "http.response.body", body: "" });
  });
  const app = fromFetch((request) => {
    request.headers.set("x-user", "1");
    return inner(request);
  });
  await createTestClient(app).get("/");
  expect(headers).toContainEqual(["x-user", "1"]);
});

test("a body goes through a fetch handler past its stream, unless that was touched [A27 A29]", async () => {
  const inner = toFetch(
    async (_scope, receive, send) => {
      const pieces: string[] = [];
      for (let more = true; more;) {
        const event = await receive();
        if (event.type !== "http.request") return;
        pieces.push(new TextDecoder().decode(event.body));
        more = event.more_body;
      }
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: pieces.join("") });
    },
    { lifespan: "off" },
  );
  const touched: ((request: Request) => void)[] = [
    () => {},
    ({ body }) => void body,
    (request) => void request.clone(),
  ];
  for (const touch of touched) {
    const app = fromFetch(async (request) => {
      touch(request);
      const response = await inner(request);
      expect(request.bodyUsed).toBe(true);
      return response;
    });
    expect((await createTestClient(app).post("/", { body: "the body" })).text()).toBe("the body");
  }
});
