// The members of Node's request and response that node:http's server itself uses, and that are in no typing.
// Source: lib/_http_server.js, _http_incoming.js, _http_outgoing.js of Node 20 to 26; light-my-request stands on the same ones.
/* oxlint-disable no-underscore-dangle -- Node's own names */

import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What the server's parser sets and reads on a request. */
export interface RequestInternals {
  /** Whether somebody has read, or wants to read. */
  _consuming: boolean;
  /** Whether the rest of the body is thrown away. */
  _dumped: boolean;
  _dump(): void;
  _addHeaderLines(rawHeaders: string[], length: number): void;
  upgrade: boolean | null;
  readonly _readableState: { readonly resumeScheduled: boolean; readonly pipes: readonly unknown[] };
  [name: symbol]: unknown;
}

/** What the server sets and reads on a response. */
export interface ResponseInternals {
  /** The connection ends with this response. */
  _last: boolean;
  _closed: boolean;
  destroyed: boolean;
  _expect_continue: boolean;
  _sent100: boolean;
  [name: symbol]: unknown;
}

/** What the server keeps on a socket. */
export interface SocketInternals {
  _httpMessage: ServerResponse | null;
}

export type NodeRequest = IncomingMessage & RequestInternals;

const probe = new ServerResponse(new IncomingMessage(null as unknown as Socket));

/** `write` has returned false and `drain` is owed: Node keeps that under a symbol of its own. */
const NEED_DRAIN = symbolOf(probe, "kNeedDrain");
/** From Node 24 on: takes a request's abort signal off its socket, when the response is complete. */
const DETACH_SIGNAL = symbolOf(IncomingMessage.prototype, "kDetachAbortSignal");

/** Emits a response's `drain` if it is owed, as the server does when its socket drains. */
export function emitOwedDrain(response: ServerResponse): void {
  if (!response.writableNeedDrain || response.writableLength > 0) return;
  if (NEED_DRAIN !== undefined) (response as unknown as ResponseInternals)[NEED_DRAIN] = false;
  response.emit("drain");
}

/** After a complete response the request's own signal, where Node has one, must stay quiet. */
export function detachSignal(request: IncomingMessage): void {
  if (DETACH_SIGNAL === undefined) return;
  (request as IncomingMessage & Record<symbol, () => void>)[DETACH_SIGNAL]?.();
}

function symbolOf(object: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description);
}
