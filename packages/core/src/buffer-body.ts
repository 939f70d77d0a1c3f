// Reads a whole request body, and gives a `receive` that replays it: for a middleware which must look at the body.
// Source: ASGI HTTP 2.5 "Request"; ASGI 3.0 "Middleware".

import type { Receive } from "./app.ts";
import { EMPTY } from "./bytes.ts";
import { ClientDisconnected, GatewayError } from "./errors.ts";
import type { HttpRequestEvent, ReceiveEvent } from "./events.ts";
import { HeldBytes, joined } from "./held-bytes.ts";
import type { Headers } from "./scope.ts";
import { declaredLength } from "./wsgi-body.ts";

/** A body that was read, and may be read again. */
export interface ReplayableBody {
  /** The whole body. Not to be written to: the app below gets the same bytes. */
  readonly body: Uint8Array;
  /** For the app below: gives the body as one event, and then what the server has to say, the disconnect. */
  readonly receive: Receive;
}

/**
 * The client went away before its body was complete. Also a {@link ClientDisconnected}: to let it escape is no mistake, and is
 * not logged.
 */
export class BodyTruncated extends ClientDisconnected {
  override readonly name: string = "BodyTruncated";
  override readonly code: string = "TSGI_ERR_BODY_TRUNCATED";

  constructor() {
    super("The client went away before its request body was complete");
  }
}

/**
 * Reads the body of a request.
 *
 * @param limit - The longest body that is accepted, in bytes.
 * @throws {@link GatewayError} `TSGI_ERR_BODY_TOO_LARGE` beyond the limit, before anything is read if Content-Length tells:
 *   answer 413. {@link BodyTruncated} if the client goes away meanwhile.
 */
export async function bufferBody(
  scope: { readonly headers: Headers },
  receive: Receive,
  limit: number,
): Promise<ReplayableBody> {
  if (declaredLength(scope.headers) > limit) throw tooLarge(limit);
  const held = new HeldBytes(declaredLength(scope.headers));
  for (let more = true; more;) {
    const event: ReceiveEvent = await receive();
    if (event.type !== "http.request") throw new BodyTruncated();
    const { body = EMPTY, more_body: follows = false } = event as Partial<HttpRequestEvent>;
    if (held.length + body.byteLength > limit) throw tooLarge(limit);
    held.add(body);
    more = follows;
  }
  const { length } = held;
  const body = joined(held.take(), length);
  let replayed = false;
  return {
    body,
    receive: () => {
      if (replayed) return receive();
      replayed = true;
      return Promise.resolve({ type: "http.request", body, more_body: false });
    },
  };
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError("TSGI_ERR_BODY_TOO_LARGE", `The request body is longer than ${limit} bytes`);
}
