// The request target as the client sent it, where raw_path and query_string do not tell it: absolute-form, a lone "?".
// Sources: RFC 9112 §3.2.2 (absolute-form); ASGI HTTP 2.5 "raw_path", which is the path alone.

import type { HttpScopeInit } from "./scope.ts";
import { splitTarget } from "./target.ts";

/** Where a host leaves the target in a scope. A symbol, so that every copy of the scope has it; registered globally. */
const TARGET = Symbol.for("tsgi.target");

/** For hosts: leaves a target in a scope, if the scope does not tell it in any case. */
export function keepTarget(scope: HttpScopeInit, target: string): void {
  const { raw_path, query_string } = scope;
  const told = (raw_path?.length ?? 0) + (query_string === "" ? 0 : query_string.length + 1);
  if (told !== target.length) (scope as { [TARGET]?: string })[TARGET] = target;
}

/** For guests: the target of a scope: path and query, or what the host left, if no middleware has changed the path since. */
export function targetOf(scope: HttpScopeInit, rawPath: string): string {
  const { query_string } = scope;
  const kept = (scope as { [TARGET]?: string })[TARGET];
  if (kept !== undefined) {
    const { rawPath: path, query } = splitTarget(kept);
    if (path === rawPath && query === query_string) return kept;
  }
  return query_string === "" ? rawPath : `${rawPath}?${query_string}`;
}
