// What the lint of a connection is asked, whatever the type of its scope.
// Source: ASGI 3.0: one scope, then events both ways.

import { ClientDisconnected } from "@tsgi/core";

/** An event that the lint let pass, on its way to the server. */
export interface Sending {
  /** What to pass on: the event, or one whose headers can be walked again. */
  readonly event: unknown;
  /** The server took it. */
  accepted(): void;
  /** The server refused it. */
  refused(error: unknown): void;
}

/** The state machine of one connection, seen from between server and app. */
export interface ConnectionLint {
  /** The server gave an event: checked as the server's work. */
  received(event: unknown): void;
  /** The app sends an event: checked as the app's work, and taken for sent. */
  sending(event: unknown): Sending;
  /** The app is done, without an error. */
  returned(): void;
}

/** Whether an error says that the client is gone (A8). */
export function isDisconnect(error: unknown): boolean {
  return error instanceof ClientDisconnected || (error as { code?: unknown } | null)?.code === "ECONNRESET";
}

/** What core's errors say when an event breaks the protocol: a server that says so of a legal event is wrong. */
const PROTOCOL_CODES: ReadonlySet<unknown> = new Set([
  "TSGI_ERR_CONTENT_LENGTH",
  "TSGI_ERR_EVENT",
  "TSGI_ERR_EVENT_ORDER",
  "TSGI_ERR_EXTENSION",
  "TSGI_ERR_HEADER",
  "TSGI_ERR_STATUS",
]);

/** Whether an error says that an event breaks the protocol. */
export function isProtocolError(error: unknown): boolean {
  return PROTOCOL_CODES.has((error as { code?: unknown } | null)?.code);
}
