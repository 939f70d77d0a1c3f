// How the body of a response is delimited, and whether what an app sends agrees with it.
// Sources: RFC 9110 §6.4.1, §8.6, §9.3.2; RFC 9112 §6; ASGI HTTP 2.5 "Response Body".

import { byteLength } from "./bytes.ts";
import { GatewayError } from "./errors.ts";
import type { Chunk } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import { framesTrailers, withoutTrailers, type ResponseHead } from "./response-head.ts";
import { isBodiless } from "./status.ts";

/** What `owed` is when Content-Length says nothing, or there is no body to count. */
export const UNCOUNTED = -1;

/** Whether no byte of body follows the head of such a response, whatever the app sends (RFC 9110 §6.4.1, §9.3.2). */
export function hasNoBody(method: string, status: number): boolean {
  return method === "HEAD" || isBodiless(status);
}

/**
 * Settles the framing as the first piece of the body is there: a body that is complete with it gets its Content-Length.
 *
 * @returns The bytes still owed to Content-Length after this piece; {@link UNCOUNTED} if it says nothing.
 * @throws {@link GatewayError} `TSGI_ERR_CONTENT_LENGTH`
 */
export function frame(
  head: ResponseHead,
  exchange: HttpExchange,
  chunk: Chunk,
  more: boolean,
  trailersDue: boolean,
): number {
  if (head.trailers && !framesTrailers(head, exchange)) withoutTrailers(head);
  if (head.bodiless) {
    if (chunk.length > 0 && exchange.method !== "HEAD") {
      exchange.transport.log("warn", `The body of a ${head.status} response is left out: it has none`);
    }
    return UNCOUNTED;
  }
  if (head.length !== -1) return count(head, head.length, byteLength(chunk), more);
  if (!more && !trailersDue) {
    head.length = byteLength(chunk);
    head.headers.push("content-length", String(head.length));
  }
  return UNCOUNTED;
}

/**
 * Takes a piece off what Content-Length promised.
 *
 * @throws {@link GatewayError} `TSGI_ERR_CONTENT_LENGTH` for a body that is too long, or ends too short.
 */
export function count(head: ResponseHead, owed: number, size: number, more: boolean): number {
  const left = owed - size;
  if (left === 0 || (left > 0 && more)) return left;
  throw new GatewayError(
    "TSGI_ERR_CONTENT_LENGTH",
    `The body is ${Math.abs(left)} bytes ${left < 0 ? "longer" : "shorter"} than Content-Length says (${head.length})`,
  );
}
