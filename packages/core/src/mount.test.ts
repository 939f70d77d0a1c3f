import { expect, test, vi } from "vitest";
import { SERVE, type AsgiApp } from "./app.ts";
import { GatewayError, UnsupportedScopeError } from "./errors.ts";
import type { SendEvent } from "./events.ts";
import { startLifespan } from "./lifespan.ts";
import { withLifespan } from "./lifespan-generator.ts";
import { isBelow, mount } from "./mount.ts";
import type { ResponseHead } from "./response-head.ts";
import type { HttpScope, HttpScopeInit, LifespanScope, Scope, WebSocketScope } from "./scope.ts";
import { decodePath } from "./target.ts";
import { serve, type HttpTransport } from "./transport.ts";

/** The scope of a request for this raw path, on a server whose own root_path is `root`. */
function httpScope(rawPath: string, root: string = "", path: string = decodePath(rawPath)): HttpScopeInit {
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "GET",
    scheme: "http",
    path,
    raw_path: rawPath,
    query_string: "q=1",
    root_path: root,
    headers: [],
    client: null,
    server: null,
    state: null,
    extensions: {},
    rawHeaders: null,
  };
}

function webSocketScope(path: string, extensions: WebSocketScope["extensions"] = {}): WebSocketScope {
  const { method: _, ...rest } = httpScope(path);
  return {
    ...rest,
    type: "websocket",
    scheme: "ws",
    subprotocols: [],
    extensions,
    signal: new AbortController().signal,
  };
}

/** An app that notes what it was called with, under its name. */
function noting(seen: [name: string, scope: Scope][], name: string): AsgiApp {
  return (scope) => void seen.push([name, scope]);
}

/** Calls an app, and gives what it sent. */
async function eventsSent(app: AsgiApp, scope: Scope): Promise<SendEvent[]> {
  const sent: SendEvent[] = [];
  await app(
    scope,
    () => new Promise(() => {}),
    async (event) => void sent.push(event),
  );
  return sent;
}

/** Where a request goes: the name of the app, and its root_path and path. */
function route(app: (inner: AsgiApp, other: AsgiApp) => AsgiApp, scope: HttpScopeInit): string[] {
  const seen: [string, Scope][] = [];
  void app(noting(seen, "inner"), noting(seen, "other"))(scope as HttpScope, vi.fn(), vi.fn());
  return seen.flatMap(([name, inner]) => [name, (inner as HttpScope).root_path, (inner as HttpScope).path]);
}

const PATHS: [prefix: string, rawPath: string, expected: string[]][] = [
  ["/api", "/api", ["inner", "/api", "/api"]],
  ["/api", "/api/", ["inner", "/api", "/api/"]],
  ["/api", "/api/x", ["inner", "/api", "/api/x"]],
  ["/api", "/api//x", ["inner", "/api", "/api//x"]],
  ["/api", "/apix", ["other", "", "/apix"]],
  ["/api", "/ap", ["other", "", "/ap"]],
  ["/api", "/", ["other", "", "/"]],
  ["/api", "//api", ["other", "", "//api"]],
  ["/api", "/API/x", ["other", "", "/API/x"]],
  ["/api", "/x/api", ["other", "", "/x/api"]],
  ["/api", "*", ["other", "", "*"]],
  ["/api/v1", "/api/v1/x", ["inner", "/api/v1", "/api/v1/x"]],
  ["/api/v1", "/api/v12", ["other", "", "/api/v12"]],
  ["/api/", "/api/x", ["inner", "/api", "/api/x"]],
  ["/api//", "/api", ["inner", "/api", "/api"]],
  ["", "/x", ["inner", "", "/x"]],
  ["", "*", ["inner", "", "*"]],
  ["/", "/x", ["inner", "", "/x"]],
  // The comparison is with the decoded path: how it was written in the target does not matter.
  ["/api", "/%61pi/x", ["inner", "/api", "/api/x"]],
  ["/api", "/api%2Fx", ["inner", "/api", "/api/x"]],
  ["/m x", "/m%20x/caf%C3%A9%2Fz", ["inner", "/m x", "/m x/café/z"]],
  ["/café", "/caf%C3%A9/x", ["inner", "/café", "/café/x"]],
  ["/caf%C3%A9", "/caf%C3%A9/x", ["other", "", "/café/x"]],
  // Letters that Unicode folds together are different letters (K is U+212A).
  ["/k", "/%E2%84%AA", ["other", "", "/\u212a"]],
];

test.each(PATHS)("mounted at %j, %j goes to %j [X4 X5 X6 A18 A21 W5 S16]", (prefix, rawPath, expected) => {
  expect(route((inner, other) => mount(prefix, inner, other), httpScope(rawPath))).toEqual(expected);
});

const OUTER: [what: string, root: string, path: string, expected: string[]][] = [
  ["root_path and path are whole", "/srv", "/srv/api/x", ["inner", "/srv/api", "/srv/api/x"]],
  ["a proxy cut root_path off", "/srv", "/api/x", ["inner", "/srv/api", "/srv/api/x"]],
  ["the path only looks like root_path", "/srv", "/srvapi/api", ["other", "/srv", "/srvapi/api"]],
  ["root_path has a trailing slash", "/srv/", "/srv/api", ["inner", "/srv/api", "/srv/api"]],
  ["the path ends at root_path", "/srv", "/srv", ["other", "/srv", "/srv"]],
];

test.each(OUTER)("on a server below a prefix, where %s [X5 A18 A21]", (_what, root, path, expected) => {
  const scope = httpScope(path, root);
  expect(route((inner, other) => mount("/api", inner, other), scope)).toEqual(expected);
});

test("nested mounts add up [X6 A21]", () => {
  const nested = (inner: AsgiApp, other: AsgiApp): AsgiApp => mount("/a", mount("/b", inner, other));
  expect(route(nested, httpScope("/a/b/c"))).toEqual(["inner", "/a/b", "/a/b/c"]);
  expect(route(nested, httpScope("/a/c"))).toEqual(["other", "/a", "/a/c"]);
});

test("everything but root_path is as the client sent it [A19 A20]", () => {
  const seen: [string, Scope][] = [];
  const scope = httpScope("/m%20x/caf%C3%A9%2Fz");
  void mount("/m x", noting(seen, "inner"))(scope as HttpScope, vi.fn(), vi.fn());
  expect(seen).toEqual([["inner", { ...scope, root_path: "/m x" }]]);
});

test("the scope that came in stays as it was, and passes by unchanged [A11]", () => {
  const seen: [string, Scope][] = [];
  const app = mount("/api", noting(seen, "inner"), noting(seen, "other"));
  const [below, beside] = [Object.freeze(httpScope("/api")), Object.freeze(httpScope("/"))];
  void app(below as HttpScope, vi.fn(), vi.fn());
  void app(beside as HttpScope, vi.fn(), vi.fn());
  expect([seen[0]?.[1] === below, seen[1]?.[1] === beside]).toEqual([false, true]);
});

test("a WebSocket is mounted like a request [X6 A59]", () => {
  const seen: [string, Scope][] = [];
  const app = mount("/api", noting(seen, "inner"), noting(seen, "other"));
  void app(webSocketScope("/api/chat"), vi.fn(), vi.fn());
  void app(webSocketScope("/chat"), vi.fn(), vi.fn());
  expect(seen.map(([name, scope]) => [name, (scope as WebSocketScope).root_path])).toEqual([
    ["inner", "/api"],
    ["other", ""],
  ]);
});

test("an unknown path is a 404 that echoes nothing [S18]", async () => {
  expect(
    await eventsSent(
      mount("/api", () => {}),
      httpScope("/<script>") as HttpScope,
    ),
  ).toEqual([
    {
      type: "http.response.start",
      status: 404,
      headers: [["content-type", "text/plain; charset=utf-8"]],
    },
    { type: "http.response.body", body: "Not Found" },
  ]);
});

test("a WebSocket to an unknown path is refused with 404 where that can be said, else closed [A63 A64]", async () => {
  const app = mount("/api", () => {});
  const denial = await eventsSent(app, webSocketScope("/x", { "websocket.http.response": {} }));
  expect(denial[0]).toMatchObject({ type: "websocket.http.response.start", status: 404 });
  expect(denial[1]).toEqual({ type: "websocket.http.response.body", body: "Not Found" });
  expect(await eventsSent(app, webSocketScope("/x"))).toEqual([{ type: "websocket.close" }]);
});

test("a scope type nobody knows is refused [A6]", () => {
  const app = mount("", () => {});
  const scope = { type: "mqtt" } as unknown as HttpScope;
  expect(() => app(scope, vi.fn(), vi.fn())).toThrow(UnsupportedScopeError);
});

test.each(["api", "api/", "?", null])("the prefix %j is refused [A21]", (prefix) => {
  let code: unknown;
  try {
    mount(prefix as string, () => {});
  } catch (error) {
    code = (error as GatewayError).code;
  }
  expect(code).toBe("TSGI_ERR_OPTION");
});

/** An app with a faster door only: called as a function it fails. */
function doored(): { app: AsgiApp; served: [HttpScopeInit, HttpTransport][] } {
  const served: [HttpScopeInit, HttpTransport][] = [];
  const app: AsgiApp = () => {
    throw new TypeError("not by the door");
  };
  app[SERVE] = (scope, transport) => void served.push([scope, transport]);
  return { app, served };
}

test("both apps keep their faster doors, and the host's own transport", () => {
  const [inner, other] = [doored(), doored()];
  const app = mount("/api", inner.app, other.app);
  const transport = {} as HttpTransport;
  serve(app, httpScope("/api/x"), transport);
  serve(app, httpScope("/x"), transport);
  expect(inner.served).toEqual([[{ ...httpScope("/api/x"), root_path: "/api" }, transport]]);
  expect(other.served).toEqual([[httpScope("/x"), transport]]);
});

/** A transport that keeps what the exchange orders, and tells when it is over. */
function recording(): {
  transport: HttpTransport;
  heads: ResponseHead[];
  body: unknown[];
  over: Promise<void>;
} {
  const heads: ResponseHead[] = [];
  const body: unknown[] = [];
  let detached!: () => void;
  const over = new Promise<void>((resolve) => (detached = resolve));
  const transport: HttpTransport = {
    attach: (exchange) => exchange.eofReceived(),
    read() {},
    writeHead: (head) => void heads.push(head),
    write: (chunk) => body.push(chunk) > 0,
    end: (chunk) => void body.push(chunk),
    abort() {},
    detach: () => detached(),
    log() {},
  };
  return { transport, heads, body, over };
}

test("an app without a door is driven through an exchange with the derived scope [X6]", async () => {
  const { transport, heads, body, over } = recording();
  const app: AsgiApp = async (scope, _receive, send) => {
    await send({ type: "http.response.start", status: 200 });
    const { root_path, signal } = scope as HttpScope;
    await send({ type: "http.response.body", body: `${root_path} ${signal.aborted}` });
  };
  serve(mount("/api", app), httpScope("/api/x"), transport);
  await over;
  expect([heads[0]?.status, body]).toEqual([200, ["/api false"]]);
});

test("behind the door too, an unknown path is a 404 [S18]", async () => {
  const { transport, heads, over } = recording();
  const app = mount("/api", () => {});
  serve(app, httpScope("/x"), transport);
  await over;
  expect(heads[0]?.status).toBe(404);
});

test("the lifespans of both apps run, in order and in reverse, on one state [A79 A82 A86]", async () => {
  const steps: string[] = [];
  const living = (name: string): AsgiApp =>
    withLifespan<Record<string, boolean>>(
      () => {},
      async function* (state) {
        steps.push(`${name} up`);
        state[name] = true;
        yield;
        steps.push(`${name} down`);
      },
    );
  const app = mount("/a", living("a"), mount("/b", living("b")));
  const lifespan = await startLifespan(app);
  expect(lifespan.state).toEqual({ a: true, b: true });
  await lifespan.shutdown();
  expect(steps).toEqual(["a up", "b up", "b down", "a down"]);
});

test("a failed startup of a mounted app fails the whole [A80]", async () => {
  const broken: AsgiApp = (_scope, _receive, send) =>
    send({ type: "lifespan.startup.failed", message: "no database" });
  const app = mount("/a", () => {}, broken);
  await expect(startLifespan(app)).rejects.toThrow("no database");
});

test("if neither app has a lifespan, the mount has none [A81]", async () => {
  const app = mount("/a", (scope) => {
    throw new UnsupportedScopeError(scope.type);
  });
  expect((await startLifespan(app)).supported).toBe(false);
  const scope: LifespanScope = { type: "lifespan", asgi: { version: "3.0", spec_version: "2.0" }, state: {} };
  const receive = async (): Promise<{ type: "lifespan.startup" }> => ({ type: "lifespan.startup" });
  await expect(app(scope, receive, vi.fn())).rejects.toBeInstanceOf(UnsupportedScopeError);
});

test.each([
  ["/a", "", true],
  ["", "", true],
  ["*", "", false],
  ["/a", "/a", true],
  ["/a/b", "/a", true],
  ["/ab", "/a", false],
  ["/a", "/a/b", false],
])("isBelow(%j, %j) is %s [X5]", (path, prefix, expected) => expect(isBelow(path, prefix)).toBe(expected));
