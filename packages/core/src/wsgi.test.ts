// wsgi(): the app it makes, on every kind of scope.
// Sources: ASGI 3.0; asgiref's WsgiToAsgi; Lifespan 2.0.

import { describe, expect, test, vi } from "vitest";
import { SERVE, type AsgiApp, type Receive, type Send, type WsgiApp } from "./app.ts";
import { deriveScope } from "./derive-scope.ts";
import type { ReceiveEvent, SendEvent } from "./events.ts";
import { startLifespan } from "./lifespan.ts";
import { MemoryTransport, scopeOf } from "./memory-transport.test-support.ts";
import { mount } from "./mount.ts";
import type { HttpScope, Scope } from "./scope.ts";
import { serve } from "./transport.ts";
import type { WsgiOptions } from "./wsgi-settings.ts";
import { wsgi, wsgiAppOf } from "./wsgi.ts";

const hello: WsgiApp = (environ, startResponse) => {
  startResponse("200 OK", [["content-type", "text/plain"]]);
  return [`${environ.SCRIPT_NAME}|${environ.PATH_INFO}`];
};

/** Calls an app with plain events, and gives back what it sent. */
async function call(app: AsgiApp, scope: Partial<Scope>, ...events: ReceiveEvent[]): Promise<SendEvent[]> {
  const sent: SendEvent[] = [];
  const receive: Receive = () => Promise.resolve(events.shift() ?? { type: "http.disconnect" });
  const send: Send = (event) => {
    sent.push(event);
    return Promise.resolve();
  };
  await app(scope as Scope, receive, send);
  return sent;
}

test("a WebSocket is refused [A91]", async () => {
  const sent = await call(wsgi(hello), { type: "websocket" }, { type: "websocket.connect" });
  expect(sent).toEqual([{ type: "websocket.close" }]);
});

test("a lifespan is completed, at both ends [A91]", async () => {
  const events = [{ type: "lifespan.startup" }, { type: "lifespan.shutdown" }] as const;
  expect(await call(wsgi(hello), { type: "lifespan" }, ...events)).toEqual([
    { type: "lifespan.startup.complete" },
    { type: "lifespan.shutdown.complete" },
  ]);
  const lifespan = await startLifespan(wsgi(hello), { mode: "on" });
  await expect(lifespan.shutdown()).resolves.not.toThrow();
});

test("a scope of another type is refused by an error [A6 A91]", async () => {
  await expect(() => call(wsgi(hello), { type: "telnet" } as never)).rejects.toMatchObject({
    code: "TSGI_ERR_UNSUPPORTED_SCOPE",
  });
});

test("it has the faster door, and gives back the sync app it was made of [X32]", () => {
  const app = wsgi(hello);
  expect(app[SERVE]).toBeTypeOf("function");
  expect(wsgiAppOf(app)).toBe(hello);
  expect(wsgiAppOf(async () => {})).toBeNull();
});

test("a mounted app sees the prefix as SCRIPT_NAME [A91 X6]", async () => {
  const app = mount("/m x", wsgi(hello));
  for (const wrapped of [app, ((scope, receive, send) => app(scope, receive, send)) as AsgiApp]) {
    const transport = new MemoryTransport();
    serve(wrapped, scopeOf({ path: "/m x/caf\u00e9", raw_path: "/m%20x/caf%C3%A9" }), transport);
    await transport.detached;
    expect(transport.text()).toBe("/m x|/caf\u00c3\u00a9");
  }
});

test("plain events are the ones of ASGI: a start with pairs, and pieces [A35 A91]", async () => {
  const app = wsgi((_environ, startResponse) => {
    startResponse("404 Gone Fishing", [["X-A", "1"]]);
    return ["a", "b"];
  });
  const scope = { ...scopeOf({ extensions: {} }), signal: new AbortController().signal };
  const request = { type: "http.request", body: new Uint8Array(0), more_body: false } as const;
  expect(await call(app, scope, request)).toEqual([
    { type: "http.response.start", status: 404, headers: [["X-A", "1"]], trailers: false },
    { type: "http.response.body", body: "a", more_body: true },
    { type: "http.response.body", body: "b", more_body: true },
    { type: "http.response.body", body: expect.anything(), more_body: false },
  ]);
});

test("a request event that leaves out what has a default is an empty, complete body [A4 A27]", async () => {
  const scope = { ...scopeOf(), signal: new AbortController().signal };
  const sent = await call(wsgi(hello), scope, { type: "http.request" } as never);
  expect(sent).toHaveLength(2);
});

test("events are sent one after the other, although the middleware's send takes its time [A7]", async () => {
  const order: string[] = [];
  const send: Send = async (event) => {
    order.push(`begin ${event.type}`);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    order.push(`end ${event.type}`);
  };
  const receive: Receive = () =>
    Promise.resolve({ type: "http.request", body: new Uint8Array(0), more_body: false });
  await wsgi(hello)(scopeOf() as HttpScope, receive, send);
  expect(order).toEqual([
    "begin http.response.start",
    "end http.response.start",
    "begin http.response.body",
    "end http.response.body",
  ]);
});

test("an error of the middleware's send is thrown to the middleware, and the result is put away [W43]", async () => {
  let closed = 0;
  const app = wsgi((_environ, startResponse) => {
    startResponse("200 OK", []);
    return Object.assign(["a", "b"], { close: () => (closed += 1) });
  });
  const receive: Receive = () =>
    Promise.resolve({ type: "http.request", body: new Uint8Array(0), more_body: false });
  const broken: Send = () => Promise.reject(new Error("broken middleware"));
  await expect(app(scopeOf() as HttpScope, receive, broken)).rejects.toThrow("broken middleware");
  expect(closed).toBe(1);
});

test.each(["ECONNRESET", "EPIPE"])(
  "another server's %s is a client that went away: no error [W51 A8]",
  async (code) => {
    const gone: Send = () => Promise.reject(Object.assign(new Error("write"), { code }));
    const receive: Receive = () =>
      Promise.resolve({ type: "http.request", body: new Uint8Array(0), more_body: false });
    const many: WsgiApp = (_environ, startResponse) => {
      startResponse("200 OK", []);
      return ["a", "b"];
    };
    await expect(wsgi(many)(scopeOf() as HttpScope, receive, gone)).resolves.toBeUndefined();
    await expect(wsgi(hello)(scopeOf() as HttpScope, receive, gone)).resolves.toBeUndefined();
  },
);

test("on another ASGI server warnings and wsgi.errors go to the console, if the options name no log [W27 S30]", async () => {
  const error = vi.spyOn(console, "error").mockReturnValue();
  const app = wsgi((environ, startResponse) => {
    environ["wsgi.errors"].write("a line\u001b[2J\n");
    startResponse("200 OK", [["connection", "close"]]);
    return ["x"];
  });
  const scope = { ...scopeOf(), signal: new AbortController().signal };
  await call(app, scope, { type: "http.request", body: new Uint8Array(0), more_body: false });
  expect(error.mock.calls.map(String).toSorted()).toEqual([
    "tsgi error: a line\\x1b[2J",
    expect.stringMatching(/^tsgi warn: .*connection/),
  ]);
  vi.restoreAllMocks();
});

test("behind a middleware they go to the log of the host, although its scope is a copy [W27]", async () => {
  const app = wsgi((environ, startResponse) => {
    environ["wsgi.errors"].write("a line\n");
    startResponse("200 OK", [["connection", "close"]]);
    return ["x"];
  });
  const copies: ((scope: Scope) => Scope)[] = [
    (scope) => scope,
    (scope) => ({ ...scope }),
    (scope) => deriveScope(scope, { root_path: "/m" }),
  ];
  for (const copy of copies) {
    const transport = new MemoryTransport();
    serve((scope, receive, send) => app(copy(scope), receive, send), scopeOf(), transport);
    await transport.detached;
    expect(transport.logs).toEqual([
      ["error", "a line"],
      ["warn", expect.stringContaining("connection")],
    ]);
  }
});

describe("options", () => {
  test.each<WsgiOptions>([
    { maxBodySize: -1 },
    { maxBodySize: Number.NaN },
    { maxBodySize: "1" as never },
    { memoryLimit: -1 },
    { piecesPerTurn: 0 },
    { turnTime: -1 },
    { maxDuplicateHeaders: 0 },
    { headerMap: "keep" as never },
    { maxBodysize: 1 } as never,
    5 as never,
  ])("%j is refused [S8]", (options) => {
    expect(() => wsgi(hello, options)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
  });

  test("the least values are taken [S8]", () => {
    const options = { maxBodySize: 0, memoryLimit: 0, piecesPerTurn: 1, turnTime: 0, maxDuplicateHeaders: 1 };
    expect(() => wsgi(hello, options)).not.toThrow();
  });
});
