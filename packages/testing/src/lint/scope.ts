// A scope, checked as the server's work before the app is called, and against the calls before it.
// Source: ASGI 3.0 "Connection Scope"; www 2.5; lifespan 2.0; requirements A2, A15 to A17, A24, A59, A79, A86.

import { isToken } from "@tsgi/core";
import { isPlainObject, seen } from "./event-values.ts";
import type { Fault } from "./lint-error.ts";
import { checkConnection, checkVersions } from "./scope-values.ts";

/** What a lint remembers from one call to the next: enough to see what a server shares between them, and no more. */
export class ScopeMemory {
  readonly #seen: WeakSet<object> = new WeakSet();
  /** How far the lifespan of this app is; `null` while there is none. */
  lifespan: "starting" | "running" | null = null;
  /** The state that startup filled, and what was in it when startup was complete. */
  state: Readonly<Record<string, unknown>> | null = null;
  stateLeft: Readonly<Record<string, unknown>> | null = null;

  /** Whether this object came with an earlier call. */
  repeated(object: object): boolean {
    if (this.#seen.has(object)) return true;
    this.#seen.add(object);
    return false;
  }
}

/** What a lint keeps of a scope: an app may write into it, and a server does not read it back (A11). */
export interface ScopeFacts {
  readonly method: unknown;
  readonly headers: unknown;
  readonly extensions: unknown;
  readonly subprotocols: unknown;
  readonly state: unknown;
  /** Made when it is asked for, as the scope's own is. */
  readonly signal: unknown;
}

/** Keeps the facts of a scope. */
export function scopeFacts(scope: object): ScopeFacts {
  const { method, headers, extensions, subprotocols, state } = scope as Record<string, unknown>;
  return {
    method,
    headers,
    extensions,
    subprotocols,
    state,
    get signal() {
      return (scope as { signal?: unknown }).signal;
    },
  };
}

const HTTP_VERSIONS: readonly unknown[] = ["1.0", "1.1", "2", "3"];

/** Checks a scope of any type. A type that nobody knows is left to the app, which must refuse it (A6). */
export function checkScope(scope: unknown, memory: ScopeMemory, fault: Fault): void {
  if (!isPlainObject(scope)) return fault("A2", `the scope is a plain object, not ${seen(scope)}`);
  if (memory.repeated(scope)) fault("A2", "the scope is the same object as that of an earlier call");
  const { asgi } = scope;
  if (isPlainObject(asgi) && memory.repeated(asgi) && !Object.isFrozen(asgi)) {
    fault("A2", "scope.asgi is shared with an earlier call and can be changed");
  }
  if (typeof scope.type !== "string") fault("A2", `scope.type is a string, not ${seen(scope.type)}`);
  if (scope.type === "lifespan") checkLifespan(scope, memory, fault);
  if (scope.type === "http") checkHttp(scope, fault);
  if (scope.type === "websocket") checkWebSocket(scope, fault);
  if (scope.type === "http" || scope.type === "websocket") checkState(scope, memory, fault);
}

function checkHttp(scope: Record<string, unknown>, fault: Fault): void {
  checkVersions(scope, "2.5", fault);
  const { http_version: version, method, scheme } = scope;
  if (!HTTP_VERSIONS.includes(version)) {
    fault("A15", `scope.http_version is "1.0", "1.1", "2" or "3", not ${seen(version)}`);
  }
  if (typeof method !== "string" || !isToken(method) || method !== method.toUpperCase()) {
    fault("A16", `scope.method is a token in upper case, not ${seen(method)}`);
  }
  if (scheme !== "http" && scheme !== "https") {
    fault("A17", `scope.scheme is "http" or "https", not ${seen(scheme)}`);
  }
  checkConnection(scope, fault);
  const push = isPlainObject(scope.extensions) && "http.response.push" in scope.extensions;
  if (push && (version === "1.0" || version === "1.1")) {
    fault("A56", `push is offered on HTTP/${version}, which has none`);
  }
}

function checkWebSocket(scope: Record<string, unknown>, fault: Fault): void {
  checkVersions(scope, "2.5", fault);
  const { http_version: version, scheme, subprotocols } = scope;
  if (version !== "1.1" && version !== "2") {
    fault("A59", `scope.http_version is "1.1" or "2", not ${seen(version)}`);
  }
  if (scheme !== "ws" && scheme !== "wss") fault("A59", `scope.scheme is "ws" or "wss", not ${seen(scheme)}`);
  if ("method" in scope) fault("A59", "a websocket scope has no method");
  if (!Array.isArray(subprotocols) || !subprotocols.every(isName)) {
    fault("A59", `scope.subprotocols is an array of trimmed names, not ${seen(subprotocols)}`);
  }
  checkConnection(scope, fault);
}

function checkLifespan(scope: Record<string, unknown>, memory: ScopeMemory, fault: Fault): void {
  checkVersions(scope, "2.0", fault);
  // Remembered, so that no request is given it as its copy.
  if (isPlainObject(scope.state)) memory.repeated(scope.state);
  else fault("A79", `scope.state of a lifespan is a plain object, not ${seen(scope.state)}`);
}

function checkState({ state }: Record<string, unknown>, memory: ScopeMemory, fault: Fault): void {
  if (memory.lifespan === "starting") {
    fault("A79", "a connection was accepted before lifespan.startup.complete");
  }
  if (typeof state === "object" && state !== null && memory.repeated(state)) {
    fault("A24", "scope.state is the same object as that of an earlier call, and not a copy");
  }
  const { state: live, stateLeft: left } = memory;
  if (memory.lifespan !== "running" || left === null) return;
  if (typeof state !== "object" || state === null) {
    fault("A86", "scope.state is missing after a lifespan that completed its startup");
    return;
  }
  for (const [key, value] of Object.entries(left)) {
    const given = (state as Record<string, unknown>)[key];
    // What the app did to its state since may be seen in the copy, or not.
    if (given !== value && given !== live?.[key]) {
      fault("A86", `scope.state lacks what startup left under ${seen(key)}`);
    }
  }
}

function isName(name: unknown): boolean {
  return typeof name === "string" && name !== "" && name.trim() === name;
}
