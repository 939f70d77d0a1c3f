// A portable app as a fetch handler: what goes in, what comes out, and what happens when either side goes away.

import { expect, test } from "vitest";
import {
  ResponseAborted,
  wsgi,
  type AsgiApp,
  type GatewayError,
  type HttpScope,
  type ResponseHeaders,
} from "@tsgi/core";
import type { FetchExtension } from "./fetch-pair.ts";
import type { ToFetchOptions } from "./fetch-settings.ts";
import { toFetch as toStartedFetch, type FetchFunction } from "./to-fetch.ts";

const URL_OF_ALL = "http://localhost/";

/** The apps here take every scope for a request. */
function toFetch(app: AsgiApp, options: ToFetchOptions = {}): FetchFunction {
  return toStartedFetch(app, { lifespan: "off", ...options });
}

/** Answers with this. */
function answer(status: number, headers: ResponseHeaders, body: string | Uint8Array): AsgiApp {
  return async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status, headers });
    await send({ type: "http.response.body", body });
  };
}

/** Answers with nothing, and gives its scope. */
async function scopeSeen(request: Request, options: ToFetchOptions = {}, env?: unknown): Promise<HttpScope> {
  let seen: HttpScope | undefined;
  const handler = toFetch(async (scope, receive, send) => {
    seen = scope as HttpScope;
    await answer(204, [], "")(scope, receive, send);
  }, options);
  await handler(request, env);
  return seen as HttpScope;
}

test("a Request becomes a scope, and the response a Response [A2 A15 A16 A18 A19 A20 A22]", async () => {
  const request = new Request("https://example.org/caf%C3%A9/%2F?a=1&b=%20#fragment", {
    headers: { "X-One": "1" },
  });
  expect(await scopeSeen(request)).toMatchObject({
    type: "http",
    http_version: "1.1",
    method: "GET",
    scheme: "https",
    path: "/caf\u00e9//",
    raw_path: "/caf%C3%A9/%2F",
    query_string: "a=1&b=%20",
    root_path: "",
    headers: [
      ["host", "example.org"],
      ["x-one", "1"],
    ],
    client: null,
    server: null,
    state: null,
    rawHeaders: null,
  });
  const response = await toFetch(answer(200, [["content-type", "text/plain"]], "hello"))(request);
  expect([response.status, await response.text(), [...response.headers]]).toEqual([
    200,
    "hello",
    [
      ["content-length", "5"],
      ["content-type", "text/plain"],
    ],
  ]);
});

test("a question mark in a fragment is no query, and a query may be empty [A20]", async () => {
  expect((await scopeSeen(new Request("http://h/a#b?c"))).query_string).toBe("");
  const empty = await scopeSeen(new Request("http://h/a?"));
  expect([empty.raw_path, empty.query_string]).toEqual(["/a", ""]);
});

test("a URL that is a path alone, as Bun has it without a Host, is one [A18]", async () => {
  const request = new Request(URL_OF_ALL);
  Object.defineProperty(request, "url", { value: "/a/b?c" });
  const { path, query_string, scheme, headers } = await scopeSeen(request);
  expect([path, query_string, scheme, headers]).toEqual(["/a/b", "c", "http", []]);
});

test("the prefix is in root_path, and in path, whether something cut it off or not [A21 X5]", async () => {
  for (const [url, path] of [
    ["http://h/app/x", "/app/x"],
    ["http://h/x", "/app/x"],
    ["http://h/application", "/app/application"],
  ] as const) {
    const scope = await scopeSeen(new Request(url), { rootPath: "/app/" });
    expect([scope.path, scope.root_path]).toEqual([path, "/app"]);
  }
});

test("the client is what Bun's server or Deno's info say, or an option; never what a header says [A23 X12 X13]", async () => {
  const request = new Request(URL_OF_ALL, {
    headers: { "x-forwarded-for": "6.6.6.6", "cf-connecting-ip": "7.7.7.7" },
  });
  const clientOf = async (env: unknown, options: ToFetchOptions = {}): Promise<unknown> =>
    (await scopeSeen(request, options, env)).client;
  expect(await clientOf(undefined)).toBeNull();
  expect(await clientOf({ KEY: "of a Worker" })).toBeNull();
  const bun = {
    port: 4000,
    requestIP(of: Request) {
      return of === request && this.port === 4000
        ? { address: "::ffff:10.0.0.1", port: 81, family: "IPv6" }
        : null;
    },
  };
  expect(await clientOf(bun)).toEqual(["10.0.0.1", 81]);
  expect(await clientOf({ requestIP: () => null })).toBeNull();
  expect(await clientOf({ remoteAddr: { transport: "tcp", hostname: "::1", port: 82 } })).toEqual([
    "::1",
    82,
  ]);
  expect(await clientOf({ remoteAddr: { transport: "unix", path: "/run/s" } })).toBeNull();
  const told = await clientOf(undefined, {
    client: ({ headers }) => [headers.get("cf-connecting-ip") ?? "", 0],
  });
  expect(told).toEqual(["7.7.7.7", 0]);
});

test("state is copied for each request [A24 A86]", async () => {
  const state = { shared: {}, own: 1 };
  const scope = await scopeSeen(new Request(URL_OF_ALL), { state });
  expect(scope.state).toEqual(state);
  expect(scope.state).not.toBe(state);
});

test("request, environment and execution context are in an extension [A12]", async () => {
  const request = new Request(URL_OF_ALL);
  const context = { waitUntil() {} };
  const env = { KEY: 1 };
  let seen: unknown;
  const handler = toFetch((scope, receive, send) => {
    seen = (scope as HttpScope).extensions["tsgi.fetch"];
    return answer(200, [], "")(scope, receive, send);
  });
  await handler(request, env, context);
  const { request: given, env: bindings, executionContext } = seen as FetchExtension;
  expect([given === request, bindings === env, executionContext === context]).toEqual([true, true, true]);
});

test("a body is pulled, and given whole to a sync app [A27 A29 W21]", async () => {
  const app = wsgi((environ, startResponse) => {
    startResponse("201 Created", [["Content-Type", "text/plain"]]);
    return [environ["wsgi.input"].read()];
  });
  const response = await toFetch(app)(new Request(URL_OF_ALL, { method: "POST", body: "some text" }));
  expect([response.status, await response.text()]).toEqual([201, "some text"]);
});

test("a body that something in front has read is a 500 that says so [A45]", async () => {
  const errors: unknown[] = [];
  const handler = toFetch(
    async (_scope, receive) => {
      await receive();
    },
    { log: (_level, _message, error) => errors.push((error as GatewayError).code) },
  );
  const request = new Request(URL_OF_ALL, { method: "POST", body: "text" });
  await request.text();
  expect((await handler(request)).status).toBe(500);
  expect(errors).toEqual(["TSGI_ERR_BODY_CONSUMED"]);
});

test("a body beyond the limit is a 413: by its length without a call, by counting at the byte [S8]", async () => {
  let calls = 0;
  const handler = toFetch(
    async (_scope, receive, send) => {
      calls += 1;
      let size = 0;
      for (let more = true; more;) {
        const event = await receive();
        if (event.type !== "http.request") return;
        size += event.body.byteLength;
        more = event.more_body;
      }
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: String(size) });
    },
    { maxBodySize: 10 },
  );
  const post = (body: BodyInit, headers: HeadersInit = {}): Promise<Response> =>
    handler(new Request(URL_OF_ALL, { method: "POST", body, headers, duplex: "half" } as RequestInit));
  const stream = (size: number): ReadableStream => new Blob([new Uint8Array(size)]).stream();
  expect(await (await post(stream(10))).text()).toBe("10");
  const counted = await post(stream(11));
  expect([counted.status, await counted.text()]).toEqual([413, "Payload Too Large"]);
  expect(calls).toBe(2);
  expect((await post("12345678901", { "content-length": "11" })).status).toBe(413);
  expect(calls).toBe(2);
});

test("a whole body is no stream, and gets no Content-Type of its own [A39 S18]", async () => {
  for (const body of ["text", new TextEncoder().encode("text")]) {
    const response = await toFetch(answer(200, [], body))(new Request(URL_OF_ALL));
    expect([[...response.headers], await response.text()]).toEqual([[["content-length", "4"]], "text"]);
  }
});

test("each Set-Cookie stays apart, and octets above 0x7F are kept [A37 A42]", async () => {
  const headers: [string, string][] = [
    ["set-cookie", "a=1, 2"],
    ["x-octets", "caf\xc3\xa9"],
    ["set-cookie", "b=2"],
  ];
  const response = await toFetch(answer(200, headers, ""))(new Request(URL_OF_ALL));
  expect(response.headers.getSetCookie()).toEqual(["a=1, 2", "b=2"]);
  expect(response.headers.get("x-octets")).toBe("caf\xc3\xa9");
});

test("HEAD, 204, 205 and 304 have no body, whether it came whole or in pieces [A47 A48]", async () => {
  const inPieces =
    (status: number): AsgiApp =>
    async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status });
      await send({ type: "http.response.body", body: "one", more_body: true });
      await send({ type: "http.response.body", body: "two" });
    };
  const options = { log: () => {} };
  for (const status of [204, 205, 304]) {
    for (const app of [answer(status, [], "body"), inPieces(status)]) {
      const response = await toFetch(app, options)(new Request(URL_OF_ALL));
      expect([response.status, response.body]).toEqual([status, null]);
    }
  }
  const head = await toFetch(answer(200, [["content-length", "4"]], "body"))(
    new Request(URL_OF_ALL, { method: "HEAD" }),
  );
  expect([head.headers.get("content-length"), head.body]).toEqual(["4", null]);
});

test.each([600, 799, 999])(
  "status %i, which no Response has, is a 500 and a line in the log [A35 X20]",
  async (status) => {
    const lines: string[] = [];
    const handler = toFetch(answer(status, [], "body"), {
      log: (_level, _message, error) => lines.push(String(error)),
    });
    const response = await handler(new Request(URL_OF_ALL));
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
    expect(lines).toEqual([expect.stringContaining(String(status))]);
  },
);

test("an app that fails, or hangs up, before its response is a 500 without a word of why [A45 S20]", async () => {
  for (const error of [new Error("a secret"), new ResponseAborted()]) {
    const handler = toFetch(() => Promise.reject(error), { log: () => {} });
    const response = await handler(new Request(URL_OF_ALL));
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error"]);
  }
});

test("an app that fails later cuts the stream, behind what it had sent [A45]", async () => {
  const handler = toFetch(
    async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      await send({ type: "http.response.body", body: "one", more_body: true });
      await send({ type: "http.response.body", body: "two", more_body: true });
      throw new Error("too late");
    },
    { log: () => {} },
  );
  const reader = ((await handler(new Request(URL_OF_ALL))).body as ReadableStream<Uint8Array>).getReader();
  const read = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
  expect([await read(), await read()]).toEqual(["one", "two"]);
  await expect(reader.read()).rejects.toMatchObject({ code: "TSGI_ERR_ABORTED" });
});

test("the Response is there before the body is, and a reader that stops holds the app back [A50]", async () => {
  let sent = 0;
  const handler = toFetch(
    async (_scope, _receive, send) => {
      await send({ type: "http.response.start", status: 200 });
      for (;;) {
        await send({ type: "http.response.body", body: new Uint8Array(1024), more_body: true });
        sent += 1024;
      }
    },
    { highWaterMark: 4096 },
  );
  const response = await handler(new Request(URL_OF_ALL));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toBeLessThanOrEqual(4096);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  expect((await reader.read()).value?.byteLength).toBe(1024);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toBeLessThanOrEqual(5120);
  await reader.cancel();
});

test("400 MB to a reader that stalls again and again stay on this side of it [A50]", async () => {
  const piece = new Uint8Array(1024 * 1024);
  let sent = 0;
  let most = 0;
  let taken = 0;
  const handler = toFetch(async (_scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    for (; sent < 400;) {
      sent += 1;
      most = Math.max(most, sent - taken);
      await send({ type: "http.response.body", body: piece, more_body: sent < 400 });
    }
  });
  const response = await handler(new Request(URL_OF_ALL));
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    taken += part.byteLength / piece.byteLength;
    if (taken % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  expect([taken, sent]).toEqual([400, 400]);
  expect(most).toBeLessThanOrEqual(3);
});

/** An app that streams until its client has gone, and what it was told. */
function endless(): { app: AsgiApp; told: unknown[]; over: Promise<void> } {
  const told: unknown[] = [];
  let ended!: () => void;
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const app: AsgiApp = async (scope, receive, send) => {
    (scope as HttpScope).signal.addEventListener("abort", () => told.push("signal"));
    await send({ type: "http.response.start", status: 200 });
    try {
      for (;;) await send({ type: "http.response.body", body: new Uint8Array(40_000), more_body: true });
    } catch (error) {
      told.push((error as GatewayError).code);
    }
    told.push((await receive()).type);
    ended();
  };
  return { app, told, over };
}

const ONCE = ["ECONNRESET", "http.disconnect", "signal"];

test("cancelling the response is a disconnect, told once [A8 A30 A34]", async () => {
  const { app, told, over } = endless();
  const response = await toFetch(app)(new Request(URL_OF_ALL, { method: "POST", body: "unread" }));
  await response.body?.cancel();
  await over;
  expect(told.map(String).toSorted()).toEqual(ONCE);
});

test("an aborted Request is a disconnect, told once, though the response is cancelled as well [A8 A30 A34]", async () => {
  const { app, told, over } = endless();
  const controller = new AbortController();
  const response = await toFetch(app)(new Request(URL_OF_ALL, { signal: controller.signal }));
  controller.abort();
  await response.body?.cancel().catch(() => {});
  await over;
  expect(told.map(String).toSorted()).toEqual(ONCE);
});

test("a Request that was aborted before is a disconnect at once, and nothing is logged [A30]", async () => {
  const lines: unknown[] = [];
  const types: string[] = [];
  const handler = toFetch(
    async (_scope, receive) => {
      types.push((await receive()).type, (await receive()).type);
    },
    { log: (...line) => lines.push(line) },
  );
  await handler(
    new Request(URL_OF_ALL, {
      signal: AbortSignal.abort(),
      method: "POST",
      body: new ReadableStream(),
      duplex: "half",
    } as RequestInit),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect([types, lines]).toEqual([["http.disconnect", "http.disconnect"], []]);
});

test("an upload that breaks off ends with a disconnect, never as complete [A31]", async () => {
  const types: unknown[] = [];
  let ended!: () => void;
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const handler = toFetch(async (_scope, receive) => {
    for (let type = ""; type !== "http.disconnect";) {
      const event = await receive();
      ({ type } = event);
      types.push(event.type === "http.request" ? event.more_body : type);
    }
    ended();
  });
  let at = 0;
  const body = new ReadableStream({
    pull(controller) {
      at += 1;
      if (at === 1) controller.enqueue(new Uint8Array(1));
      else controller.error(new Error("reset"));
    },
  });
  void handler(new Request(URL_OF_ALL, { method: "POST", body, duplex: "half" } as RequestInit));
  await over;
  expect(types).toEqual([true, "http.disconnect"]);
});

test("a signal is left without a listener once the response is done [S32]", async () => {
  const controller = new AbortController();
  const request = new Request(URL_OF_ALL, { signal: controller.signal });
  const { signal } = request;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function add(...args: unknown[]) {
    listeners += 1;
    Reflect.apply(addEventListener, this, args);
  };
  signal.removeEventListener = function remove(...args: unknown[]) {
    listeners -= 1;
    Reflect.apply(removeEventListener, this, args);
  };
  const response = await toFetch(async (_scope, _receive, send) => {
    await new Promise((resolve) => setImmediate(resolve));
    await answer(200, [], "text")(_scope, _receive, send);
  })(request);
  await response.text();
  expect(listeners).toBe(0);
});

test("waitUntil gets a promise of the app's end, if the app is not done when it is called [W54]", async () => {
  const waits: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void waits.push(promise) };
  let finish!: () => void;
  const handler = toFetch(async (scope, receive, send) => {
    await answer(200, [], "text")(scope, receive, send);
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  const response = await handler(new Request(URL_OF_ALL), {}, context);
  expect(await response.text()).toBe("text");
  let isOver = false;
  void Promise.all(waits).then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect([waits.length, isOver]).toEqual([1, false]);
  finish();
  await Promise.all(waits);
});

test("a Host that is none is a 400, and the app is not called [S7]", async () => {
  let calls = 0;
  const handler = toFetch((scope, receive, send) => {
    calls += 1;
    return answer(200, [], "")(scope, receive, send);
  });
  for (const host of ["good.com@evil.com", "a/b", "a?b", "a#b"]) {
    expect((await handler(new Request(URL_OF_ALL, { headers: { host } }))).status).toBe(400);
  }
  expect(calls).toBe(0);
});

test("an interim response and trailers are not offered, and refused [A12 A13]", async () => {
  const codes: unknown[] = [];
  const handler = toFetch(async (scope, receive, send) => {
    const offered = Object.keys((scope as HttpScope).extensions);
    codes.push(offered);
    await send({ type: "http.response.early_hint", links: [] }).catch((error: GatewayError) =>
      codes.push(error.code),
    );
    await answer(200, [], "")(scope, receive, send);
  });
  await handler(new Request(URL_OF_ALL));
  expect(codes).toEqual([["tsgi.fetch"], "TSGI_ERR_EXTENSION"]);
});

test.each([
  { rootPath: "app" },
  { maxBodySize: -1 },
  { highWaterMark: Infinity },
  { highWaterMark: 0.5 },
  { client: "10.0.0.1" },
  { log: true },
  { rootpath: "/" },
] as unknown[])("the options %j are refused [S8]", (options) => {
  expect(() => toFetch(answer(200, [], ""), options as ToFetchOptions)).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_OPTION" }),
  );
});

test("what is no app is refused", () => {
  expect(() => toFetch({} as AsgiApp)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
});

test("the first request starts the app, and waits for it; requests have what the startup left [A86 A88]", async () => {
  const states: unknown[] = [];
  const steps: string[] = [];
  const app: AsgiApp = async (scope, receive, send) => {
    if (scope.type === "http") {
      states.push(scope.state);
      return answer(204, [], "")(scope, receive, send);
    }
    for (const step of ["startup", "shutdown"] as const) {
      await receive();
      steps.push(step);
      Object.assign(scope.state as object, { pool: "open" });
      await send({ type: `lifespan.${step}.complete` });
    }
  };
  const handler = toStartedFetch(app);
  expect(steps).toEqual([]);
  const responses = await Promise.all([handler(new Request(URL_OF_ALL)), handler(new Request(URL_OF_ALL))]);
  expect(responses.map(({ status }) => status)).toEqual([204, 204]);
  expect(states).toEqual([{ pool: "open" }, { pool: "open" }]);
  expect(states[0]).not.toBe(states[1]);
  await (await handler.lifespan()).shutdown();
  expect(steps).toEqual(["startup", "shutdown"]);
});

test("a state that is given stands for a startup that was run elsewhere [A86 A88]", async () => {
  const types: string[] = [];
  const app: AsgiApp = (scope, receive, send) => {
    types.push(scope.type);
    return answer(204, [], "")(scope, receive, send);
  };
  expect((await toStartedFetch(app, { state: {} })(new Request(URL_OF_ALL))).status).toBe(204);
  expect(types).toEqual(["http"]);
  expect(() => toStartedFetch(app, { lifespan: "never" as never })).toThrow('"auto", "on" or "off"');
});
