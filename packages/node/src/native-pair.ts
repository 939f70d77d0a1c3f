// Where two ends that both speak node:http meet: the host's own request and response, handed over instead of translated.
// Source: docs/interface.md "The faster door"; https://nodejs.org/docs/latest-v20.x/api/http.html.

import type { IncomingMessage, ServerResponse } from "node:http";

/** The native objects of one HTTP/1 request. Who takes them attaches no exchange. */
export interface NativePair {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Tells the host that the pair was taken, before it is used. `detach()` of the transport, once, is the end of it. */
  taken(): void;
}

/** A transport that has native HTTP/1 objects shows them under this symbol; registered globally, as two copies may meet. */
export const NATIVE_PAIR: unique symbol = Symbol.for("tsgi.node.pair");
