// Where two ends that both speak node:http meet: the host's own request and response, handed over instead of translated.

import type { IncomingMessage, ServerResponse } from "node:http";

/** The native objects of one HTTP/1 request. */
export interface NativePair {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** A transport that has native HTTP/1 objects shows them under this symbol; registered globally, as two copies may meet. */
export const NATIVE_PAIR: unique symbol = Symbol.for("tsgi.node.pair");
