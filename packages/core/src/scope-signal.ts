// `scope.signal`: made when it is touched, by whatever the scope is for.
// Source: ASGI HTTP 2.5 has no such key; it is what AbortSignal is for in JavaScript.

import type { HttpScope, HttpScopeInit } from "./scope.ts";

const SOURCE = Symbol("tsgi.signal");

/** What knows when the request is cut. */
export interface SignalSource {
  readonly signal: AbortSignal;
}

// One descriptor for all scopes: an own property, so that `{ ...scope }` has it, yet made only when touched.
const SIGNAL: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: { [SOURCE]: SignalSource }): AbortSignal {
    return this[SOURCE].signal;
  },
};

/** Gives a scope its `signal`; the same object comes back. */
export function withSignal(scope: HttpScopeInit, source: SignalSource): HttpScope {
  (scope as { [SOURCE]?: SignalSource })[SOURCE] = source;
  return Object.defineProperty(scope, "signal", SIGNAL) as HttpScope;
}
