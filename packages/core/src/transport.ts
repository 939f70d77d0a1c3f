// The two directions between a host and the exchange, and how a host starts an app.
// An adapter implements HttpTransport and reports to the HttpExchange that is attached to it: docs/adapters.md shows one in a page.

import { SERVE, type AsgiApp } from "./app.ts";
import type { Chunk } from "./events.ts";
import { HttpExchange } from "./exchange.ts";
import type { ResponseHead } from "./response-head.ts";
import { runApp } from "./run-app.ts";
import type { HttpScopeInit } from "./scope.ts";

/** How grave a line in the server's log is. */
export type LogLevel = "warn" | "error";

/**
 * What the exchange orders of a host, for one request. Everything is already checked when it arrives here: a transport
 * only moves it. The host reports back by `dataReceived`, `eofReceived`, `drained` and `connectionLost` of the exchange.
 */
export interface HttpTransport {
  /** The first call: whom to report to. A request without a body may report `eofReceived()` at once. */
  attach(exchange: HttpExchange): void;
  /** The next piece of the body is wanted: one `dataReceived` or `eofReceived` (or `connectionLost`) answers. */
  read(): void;
  /** The final head, once. It need not leave before the next `write` or `end`, which follows in the same turn. */
  writeHead(head: ResponseHead): void;
  /**
   * A piece of the body; never empty, but for the first, which then means "let the head leave".
   *
   * @returns `false` if there is no room for more: `exchange.drained()` follows when there is.
   */
  write(chunk: Chunk): boolean;
  /** The response is complete; `chunk` is its last piece, or `null`. */
  end(chunk: Chunk | null): void;
  /** The response cannot be completed: cut it, so that the client can tell. Before `writeHead` too, and after a loss. */
  abort(): void;
  /** The last call: the app has returned, and the response is complete or cut. */
  detach(): void;
  /** A line for the server's error log, on behalf of this request. */
  log(level: LogLevel, message: string, error?: unknown): void;
  /** Present where interim responses can be sent: a 1xx head, fields flat (`[name, value, …]`). */
  writeInformational?(status: number, headers: readonly string[]): void;
  /** Present where fields can follow the body: flat; `end(null)` comes next. Only called for a head with `trailers`. */
  writeTrailers?(headers: readonly string[]): void;
  /**
   * Present where the process serves this request only (CGI), so that who waits keeps nobody else waiting. An order, given before the
   * body is asked for: from now on every call of this transport waits until it is done, and `write` always says `true`. A sync app
   * is then served without an event loop.
   */
  block?(): BlockingBody;
  /** Present in test clients: what an app says of itself (`http.response.debug`). */
  debug?(info: Readonly<Record<string, unknown>>): void;
  /** Present where files can be sent: opens a path, or a file that is already open, which `close` then leaves open. */
  openFile?(file: string | number | { readonly fd: number }): Promise<FileSource>;
}

/** A request body that can be waited for. */
export interface BlockingBody {
  /** How many bytes there are; -1 if nobody knows. */
  readonly length: number;
  /** Waits for the next bytes, at most `size`; empty at the end, be it too early. The array is the caller's. */
  readSync(size: number): Uint8Array;
}

/** A file being sent. */
export interface FileSource {
  /**
   * The next bytes, at most `size`; empty at the end. The array is the caller's: it is not written to again.
   *
   * @param position - Where to read, in bytes; `null` for the file's own position, which then moves on.
   */
  read(size: number, position: number | null): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Runs an app for one request: by its faster door if it has one, else as the plain function. Never throws: whatever the
 * app throws becomes a 500, or a cut response, and a line in the log.
 */
export function serve<State>(app: AsgiApp<State>, scope: HttpScopeInit, transport: HttpTransport): void {
  const door = app[SERVE];
  if (door === undefined) {
    runApp(app as AsgiApp, new HttpExchange(scope, transport));
    return;
  }
  door.call(app, scope, transport);
}
