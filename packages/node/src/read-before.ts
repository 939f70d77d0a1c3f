// A request body that something in front has read: given again, if what was left of it is the very bytes.
// Sources: https://github.com/expressjs/body-parser#api (`verify`, `inflate`); RFC 9110 §8.4 (Content-Encoding), §8.6.

import type { IncomingMessage } from "node:http";
import { GatewayError } from "@tsgi/core";

interface ParsedRequest {
  /** Where parsers are told to keep the bytes: a custom of Express apps, and of Google's function hosts. */
  readonly rawBody?: unknown;
  /** What parsers make of them. */
  readonly body?: unknown;
}

/**
 * The bytes of a body that was read before, from `req.rawBody` or `req.body`; `null` if they are not there, or are not what
 * the header fields say: inflated, or in another charset.
 *
 * @param length - What Content-Length says; -1 without one.
 */
export function bodyReadBefore(req: IncomingMessage, length: number): Uint8Array | null {
  const { rawBody, body } = req as ParsedRequest;
  const left = rawBody ?? body;
  // Text in another charset, or a string that was JSON: without a length to compare nobody can tell.
  if (typeof left === "string" && left !== rawBody && length === -1) return null;
  const bytes = typeof left === "string" ? Buffer.from(left) : left;
  if (!(bytes instanceof Uint8Array)) return null;
  const coding = req.headers["content-encoding"] ?? "identity";
  if (coding.toLowerCase() !== "identity") return null;
  return length === -1 || bytes.byteLength === length ? bytes : null;
}

/**
 * Whether something in front has read of a body, or has had it decoded, so that nobody can tell whether what is left of it
 * is the whole: where there is a length, counting tells.
 */
export function isSpoiled(req: IncomingMessage, length: number): boolean {
  return typeof req.readableEncoding === "string" || (length === -1 && req.readableDidRead);
}

/** What an app gets that asks for a body of which no bytes are left. */
export function bodyConsumed(): GatewayError {
  return new GatewayError(
    "TSGI_ERR_BODY_CONSUMED",
    "A parser in front of the app has read the request body, and left no bytes of it: mount the app before the parser, " +
      "or have it keep them as req.rawBody (in Express: express.json({ verify: keepRawBody }))",
  );
}
