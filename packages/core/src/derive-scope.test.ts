import { expect, test, vi } from "vitest";
import type { AsgiApp } from "./app.ts";
import { deriveScope } from "./derive-scope.ts";
import { ClientDisconnected } from "./errors.ts";
import { HttpExchange } from "./exchange.ts";
import type { HttpScope, HttpScopeInit } from "./scope.ts";
import type { HttpTransport } from "./transport.ts";

function httpScope(path: string): HttpScopeInit {
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "GET",
    scheme: "http",
    path,
    raw_path: path,
    query_string: "",
    root_path: "",
    headers: [],
    client: null,
    server: null,
    state: null,
    extensions: {},
    rawHeaders: null,
  };
}

/** The scope of a request under way, and what cuts that request. */
function requestScope(): { scope: HttpScope; cut: () => void } {
  const exchange = new HttpExchange(httpScope("/"), { attach() {} } as unknown as HttpTransport);
  return { scope: exchange.scope, cut: () => exchange.connectionLost() };
}

test("a derived scope has every key of the first, the changes, and is another object [A11]", () => {
  const { scope } = requestScope();
  const derived = deriveScope(scope, { root_path: "/api", path: "/api/x" });
  const { signal: _, ...rest } = scope;
  expect(derived).toMatchObject({ ...rest, root_path: "/api", path: "/api/x" });
  expect([scope.root_path, scope.path]).toEqual(["", "/"]);
  expect(Object.keys(derived).toSorted()).toEqual(Object.keys(scope).toSorted());
});

test("deriving does not make the controller; touching a derived signal does, once for all [A11 A34]", () => {
  let made = 0;
  class Counted extends AbortController {
    constructor() {
      super();
      made += 1;
    }
  }
  vi.stubGlobal("AbortController", Counted);
  const { scope } = requestScope();
  const derived = deriveScope(deriveScope(scope, { root_path: "/a" }), { root_path: "/a/b" });
  expect(made).toBe(0);
  expect(derived.signal).toBeInstanceOf(AbortSignal);
  expect(derived.signal).toBe(scope.signal);
  expect(made).toBe(1);
  vi.unstubAllGlobals();
});

test("a derived signal is aborted when the client goes away [A34]", () => {
  const { scope, cut } = requestScope();
  const { signal } = deriveScope(scope, { root_path: "/api" });
  cut();
  expect(signal.reason).toBeInstanceOf(ClientDisconnected);
});

test("a copy made by spreading has a working signal too [A11 A34]", () => {
  const { scope, cut } = requestScope();
  const copy = { ...scope, root_path: "/api" };
  const derived = deriveScope(copy, { root_path: "/api/v1" });
  cut();
  expect([copy.signal.aborted, derived.signal.aborted]).toEqual([true, true]);
});

test("a middleware may put its own signal in [A34]", () => {
  const { scope } = requestScope();
  const own = AbortSignal.abort();
  const derived = deriveScope(scope, { signal: own });
  expect([derived.signal, scope.signal.aborted]).toEqual([own, false]);
});

test("a scope that has no signal yet is simply copied", () => {
  const scope = httpScope("/a");
  const derived = deriveScope(scope, { root_path: "/a" });
  expect(derived).toEqual({ ...scope, root_path: "/a" });
  expect(derived).not.toBe(scope);
});

test("what an app adds to its derived scope, the scope outside does not have [A11]", () => {
  const { scope } = requestScope();
  const app: AsgiApp = (inner) => void Object.assign(inner, { user: "ann" });
  const derived = deriveScope(scope, {});
  void app(derived, vi.fn(), vi.fn());
  expect(derived).toHaveProperty("user", "ann");
  expect(scope).not.toHaveProperty("user");
});
