// Where two ends that both speak fetch meet: the host's own Request, handed over instead of translated.
// Source: docs/interface.md "The faster door".

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

/** What a fetch host's transport shows to a fetch guest. */
export interface FetchPair extends FetchExtension {
  /** Answers with the guest's own response. Who calls it attaches no exchange; `detach()`, once, is the end of it. */
  respond(response: Response): void;
}

/** A transport with a request of its own shows it under this symbol; registered globally, as two copies may meet. */
export const FETCH_PAIR: unique symbol = Symbol.for("tsgi.fetch.pair");
