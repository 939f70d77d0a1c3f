// A middleware's copy of a scope: shallow, and `signal` stays unmade until somebody touches it.
// Source: ASGI 3.0 "Middleware" (a middleware passes on a copy, never the scope it was given).

/**
 * Copies a scope with changes. `{ ...scope, ...changes }` does as much, but it touches `signal`, and so makes its
 * `AbortController`; here the copy has the accessor itself. Both copies' signals are those of the same request.
 *
 * @see ASGI 3.0, "Middleware"
 */
export function deriveScope<S extends object>(scope: S, changes: Partial<S>): S {
  const signal = Object.getOwnPropertyDescriptor(scope, "signal");
  if (signal?.get === undefined || "signal" in changes) return { ...scope, ...changes };
  const from = scope as Record<PropertyKey, unknown>;
  const derived: Record<PropertyKey, unknown> = {};
  for (const key of Object.keys(from)) {
    if (key !== "signal") derived[key] = from[key];
  }
  // What the accessor reads lies in a symbol slot of the scope it is called on.
  for (const slot of Object.getOwnPropertySymbols(from)) derived[slot] = from[slot];
  Object.assign(derived, changes);
  return Object.defineProperty(derived, "signal", signal) as S;
}
