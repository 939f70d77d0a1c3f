// The sync bridge over plain ASGI events: where a middleware stands between it and the server.
// Source: ASGI HTTP 2.5 "Response Start", "Response Body".

import type { Receive, Send } from "./app.ts";
import { byteLength } from "./bytes.ts";
import { ClientDisconnected, GatewayError } from "./errors.ts";
import type { Chunk, HttpSendEvent, ReceiveEvent, SendEvent } from "./events.ts";
import { HttpExchange } from "./exchange.ts";
import { answerHead, type ResponseHead } from "./response-head.ts";
import { misplaced } from "./response-state.ts";
import { MAX_UNAWAITED_BYTES } from "./room.ts";
import type { HttpScope } from "./scope.ts";
import type { Log } from "./log-to-console.ts";
import type { HttpTransport, LogLevel } from "./transport.ts";
import type { Outlet } from "./wsgi-outlet.ts";

/** Takes a line for the operator. */

/** The outlet of the plain function. One event is sent after the other: a middleware's `send` need not keep their order. */
export class EventOutlet implements Outlet {
  readonly scope: HttpScope;
  readonly bodyless = false;
  /** What the plain function returns. */
  readonly done: Promise<void>;
  readonly receive: () => Promise<ReceiveEvent>;
  readonly #send: Send;
  /** The host below; `null` if it is not ours, or done with this request. */
  #host: HttpTransport | null;
  readonly #log: Log;
  #head: ResponseHead | null = null;
  #begun = false;
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;
  #unawaited = 0;
  #disconnected = false;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(scope: HttpScope, receive: Receive, send: Send, log: Log) {
    this.scope = scope;
    this.receive = receive;
    this.#send = send;
    this.#log = log;
    this.#host = hostOf(scope);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get full(): boolean {
    return this.#pending > 0;
  }

  get disconnected(): boolean {
    return this.#disconnected;
  }

  block(): null {
    return null;
  }

  start(head: ResponseHead): void {
    this.#head = head;
  }

  write(chunk: Chunk, more: boolean): Promise<void> {
    const head = this.#head;
    this.#head = null;
    if (head !== null) {
      this.#begun = true;
      void this.#enqueue(startEvent(head, this.scope));
    }
    this.#unawaited = this.full ? this.#unawaited + byteLength(chunk) : 0;
    if (this.#unawaited > MAX_UNAWAITED_BYTES) throw this.#overflowed();
    this.#pending += 1;
    const room = this.#enqueue({ type: "http.response.body", body: chunk, more_body: more }).finally(() => {
      this.#pending -= 1;
    });
    room.catch(ignore);
    return room;
  }

  sendInterim(event: HttpSendEvent): void {
    // Thrown here, because the promise of an event that the server refuses fails all that follow.
    if (this.#begun) throw misplaced(event.type, "streaming");
    void this.#enqueue(event);
  }

  answer(status: number, text: string): void {
    this.start(answerHead(status));
    void this.write(text, false);
  }

  fail(error: unknown): void {
    this.#host = null;
    this.appFailed(error);
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    try {
      if (this.#host === null) this.#log(level, message, error);
      else this.#host.log(level, message, error);
    } catch {}
  }

  appReturned(): void {
    this.#tail.then(this.#resolve, (error: unknown) => {
      if (this.#disconnected) this.#resolve();
      else this.#reject(error);
    });
  }

  appFailed(error: unknown): void {
    // What was sent before comes first; whether that worked is no longer of interest.
    const reject = (): void => this.#reject(error);
    this.#tail.then(reject, reject);
  }

  /** Sends an event once those before it are sent; one that fails, fails all that follow. */
  #enqueue(event: SendEvent): Promise<void> {
    if (this.#disconnected) throw new ClientDisconnected();
    this.#tail = this.#tail.then(() => this.#send(event)).catch((error: unknown) => this.#failed(error));
    this.#tail.catch(ignore);
    return this.#tail;
  }

  /** The rest of the body is lost, so whatever the app does now, the server below must cut the response. */
  #overflowed(): GatewayError {
    const error = new GatewayError(
      "TSGI_ERR_SEND_OVERFLOW",
      `The app wrote more than ${MAX_UNAWAITED_BYTES} bytes that the client did not take`,
    );
    this.#disconnected = true;
    this.#reject(error);
    return error;
  }

  #failed(error: unknown): never {
    if (isDisconnect(error)) this.#disconnected = true;
    throw error;
  }
}

/** The host of a scope. A scope of ours carries its exchange in a symbol slot, and so does every copy of it. */
function hostOf(scope: HttpScope): HttpTransport | null {
  for (const slot of Object.getOwnPropertySymbols(scope)) {
    const held = (scope as unknown as Record<symbol, unknown>)[slot];
    if (held instanceof HttpExchange) return held.transport;
  }
  return null;
}

function startEvent(head: ResponseHead, scope: HttpScope): SendEvent {
  const headers: [string, string][] = [];
  for (let i = 0; i < head.headers.length; i += 2) {
    headers.push([head.headers[i] as string, head.headers[i + 1] as string]);
  }
  if (head.close) headers.push(["connection", "close"]);
  const start = { type: "http.response.start", status: head.status, headers, trailers: false } as const;
  if (head.reason === null || scope.extensions["tsgi.reason"] === undefined) return start;
  return { ...start, reason: head.reason };
}

/** Ours, and what other servers' `send` rejects with: an error of the connection. */
function isDisconnect(error: unknown): boolean {
  if (error instanceof ClientDisconnected) return true;
  const { code } = (error ?? {}) as { code?: unknown };
  return code === "ECONNRESET" || code === "EPIPE" || code === "ERR_STREAM_DESTROYED";
}

function ignore(): void {}
