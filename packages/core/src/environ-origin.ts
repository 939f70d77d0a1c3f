// What the environ in which a request arrived knows beyond its scope: REMOTE_USER, SERVER_SOFTWARE, SSL_….
// Sources: PEP 3333 "environ Variables"; RFC 3875 §4.1.

import type { Environ } from "./pep3333.ts";
import { splitTarget } from "./target.ts";

/** What `scope.extensions.wsgi` is. */
export interface EnvironOrigin {
  readonly environ: object;
  /**
   * Where a host has no environ before somebody asks: what it would say beyond the scope, flat (`[name, value, …]`), each name once, only
   * names {@link isBeyondScope} agrees to, and no empty value. `null` if the environ is to be asked: somebody has it, and may have changed it.
   */
  readonly beyondScope?: readonly string[] | null;
}

/**
 * Adds it to an environ that was made from the scope. Nothing that a scope carries is taken from it (a middleware may have changed
 * that), and nothing of a server's own (a dot in the key).
 */
export function addOrigin(environ: Environ, origin: EnvironOrigin): void {
  const beyond = origin.beyondScope ?? null;
  if (beyond === null) addEnviron(environ, origin.environ as Record<string, unknown>);
  else for (let i = 0; i < beyond.length; i += 2) add(environ, beyond[i] as string, beyond[i + 1] as string);
}

function addEnviron(environ: Environ, origin: Record<string, unknown>): void {
  for (const key of Object.keys(origin)) {
    const value = origin[key];
    // An empty meta-variable is one that is not set (RFC 3875 §4.1).
    if (typeof value === "string" && value !== "" && isBeyondScope(key)) add(environ, key, value);
  }
  const { REQUEST_URI: target } = origin;
  if (typeof target === "string" && target !== environ.REQUEST_URI && isTargetOf(target, environ)) {
    environ.REQUEST_URI = target;
  }
}

function add(environ: Environ, key: string, value: string): void {
  if (key !== "__proto__") environ[key] = value;
  // Defined, not assigned: a key like any other.
  else Object.defineProperty(environ, key, { value, writable: true, enumerable: true, configurable: true });
}

const FROM_SCOPE: ReadonlySet<string> = new Set([
  "REQUEST_METHOD",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "CONTENT_TYPE",
  "CONTENT_LENGTH",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "REQUEST_URI",
]);

/** Whether no scope carries what a key of an environ says. */
export function isBeyondScope(key: string): boolean {
  return !key.startsWith("HTTP_") && !FROM_SCOPE.has(key) && !key.includes(".");
}

/** Whether a target differs from the REQUEST_URI made of the scope only by what a scope does not keep: its form, an empty query. */
function isTargetOf(target: string, environ: Environ): boolean {
  const { rawPath, query } = splitTarget(target);
  return (query === "" ? rawPath : `${rawPath}?${query}`) === environ.REQUEST_URI;
}
