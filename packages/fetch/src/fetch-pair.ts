// Where two ends that both speak fetch meet: the host's own Request, handed over instead of translated.
// Source: docs/interface.md "The faster door".

import type { HttpScopeInit, Receive } from "@tsgi/core";
import type { ExecutionContextLike } from "./execution-context.ts";

/** The name of the extension a fetch host gives. */
export const FETCH_EXTENSION = "tsgi.fetch";

/** The value of the extension `tsgi.fetch`: what the server called the fetch handler with. */
export interface FetchExtension {
  /** The server's own request. Its body is the one that `receive()` reads: take one of the two. */
  readonly request: Request;
  /** The second argument: bindings on Workers, the server on Bun, the connection's facts on Deno. */
  readonly env: unknown;
  /** The third argument, where there is one. */
  readonly executionContext: ExecutionContextLike | undefined;
}

/** What a fetch host knows of its request beyond what it says in the extension. */
export interface FetchOrigin {
  /** The scope as the host made it. */
  readonly scope: HttpScopeInit;
  /** The `receive` of the exchange, if there is one already, or there need be none. */
  readonly receive: Receive | null;
  /** Whether the body may be read past the host. */
  readonly handsOut: boolean;
  /** Answers with the guest's own response. Who calls it attaches no exchange; `detach()`, once, is the end of it. */
  respond(response: Response): void;
}

/** The extension of a fetch host has its origin under this symbol; registered globally, as two copies may meet. */
export const FETCH_ORIGIN: unique symbol = Symbol.for("tsgi.fetch.origin");

/** The extension, of whatever copy of this package. */
export function fetchExtensionOf(scope: HttpScopeInit): FetchExtension | undefined {
  return scope.extensions[FETCH_EXTENSION] as FetchExtension | undefined;
}

/** What the host knows beyond it. */
export function originOf(fetch: FetchExtension): FetchOrigin | undefined {
  return (fetch as { [FETCH_ORIGIN]?: FetchOrigin })[FETCH_ORIGIN];
}

/** Whether a scope still says what the host's request says, as far as a Request can: a middleware must be obeyed. */
export function saysTheSame(
  scope: HttpScopeInit,
  url: string,
  request: Request,
  origin: FetchOrigin,
): boolean {
  return scope.headers === origin.scope.headers && scope.method === request.method && url === request.url;
}
