// How a listener fails, and what is no failure: errors that only say that the client has gone.
// Sources: lib/_http_server.js (abortIncoming); ASGI HTTP 2.4 "Disconnected Client"; https://nodejs.org/docs/latest-v20.x/api/errors.html.

import { GatewayError } from "@tsgi/core";

/** What Node's server destroys a request with whose connection is gone. */
export function aborted(): Error {
  return Object.assign(new Error("aborted"), { code: "ECONNRESET" });
}

/** What a socket is destroyed with whose client breaks off in the middle of a request. */
export function connectionReset(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
}

/** A response that its listener has left half-written. */
export function incomplete(what: string, cause: Error | null = null): GatewayError {
  const message = `The listener ${what} before the response was complete`;
  return new GatewayError("TSGI_ERR_INCOMPLETE", message, cause === null ? {} : { cause });
}

const AFTERMATH = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_UNABLE_TO_PIPE",
  "ERR_STREAM_WRITE_AFTER_END",
]);

/** Whether an error is what a listener may well throw because its client went away. */
export function isAftermath(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return name === "AbortError" || (typeof code === "string" && AFTERMATH.has(code));
}
