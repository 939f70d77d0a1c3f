// The one state machine of a request: what an app may receive and send, in which order, and what then happens on the wire.
// Sources: ASGI 3.0; HTTP & WebSocket 2.5 (www); extensions; RFC 9110 §6.4.1, §9.3.2.

import type { AsgiApp, Receive, Send } from "./app.ts";
import { EMPTY, byteLength, isBytes } from "./bytes.ts";
import { ClientDisconnected, GatewayError } from "./errors.ts";
import type { Chunk, HttpReceiveEvent, HttpSendEvent, ReceiveEvent, SendEvent } from "./events.ts";
import { sendExtension } from "./extension-events.ts";
import { framesTrailers, responseHead, withoutTrailers, type ResponseHead } from "./response-head.ts";
import type { HttpScope, HttpScopeInit } from "./scope.ts";
import { isBodiless } from "./status.ts";
import type { HttpTransport } from "./transport.ts";

/** What every `send()` returns while there is room: one promise for all, so that the hot path allocates none. */
export const ROOM: Promise<void> = Promise.resolve();

/** The most an app may send while it was told to wait, in bytes; then it is cut off. 16 MiB. */
export const MAX_UNAWAITED_BYTES: number = 16 * 1024 * 1024;

/** How far the response is: nothing yet, head held back, head sent, body sent and trailers due, all sent, or cut. */
export type ResponseState = "idle" | "held" | "streaming" | "trailers" | "complete" | "cut";

const EXCHANGE = Symbol("tsgi.exchange");
const NO_HEADERS: readonly [string, string][] = [];

// One descriptor for all scopes: an own property, so that `{ ...scope }` has it, yet made only when touched.
const SIGNAL: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: { [EXCHANGE]: HttpExchange }): AbortSignal {
    return this[EXCHANGE].signal;
  },
};

/** One request and its response. A host makes one by `serve`; a bridge of ours may use its verbs instead of events. */
export class HttpExchange {
  readonly scope: HttpScope;
  readonly transport: HttpTransport;
  #state: ResponseState = "idle";
  #head: ResponseHead | null = null;
  /** HEAD, 1xx, 204, 304: pieces of body are taken and dropped. */
  #bodiless = false;
  #trailersDue = false;
  /** The bytes still owed to Content-Length; -1 if it says nothing. */
  #owed = -1;
  #bodyState: "open" | "ended" | "done" = "open";
  #early: Uint8Array | null = null;
  #readers: ((event: HttpReceiveEvent) => void)[] | null = null;
  #disconnected = false;
  #returned = false;
  #room: { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } | null = null;
  #unawaited = 0;
  #controller: AbortController | null = null;
  #work: Promise<void> | null = null;
  /** The last error a `send` was refused with: the cause, if the app never noticed. */
  #refusal: unknown = undefined;
  #logged: unknown = undefined;

  constructor(scope: HttpScopeInit, transport: HttpTransport) {
    (scope as { [EXCHANGE]?: HttpExchange })[EXCHANGE] = this;
    this.scope = Object.defineProperty(scope, "signal", SIGNAL) as HttpScope;
    this.transport = transport;
    transport.attach(this);
  }

  /** How far the response is. */
  get state(): ResponseState {
    return this.#state;
  }

  /** Whether the response was cut, or the client went away, before it was complete. */
  get disconnected(): boolean {
    return this.#disconnected;
  }

  /** Whether the app has had the whole request body. */
  get bodyRead(): boolean {
    return this.#bodyState === "done";
  }

  /** Whether the next `write` will have to wait. */
  get full(): boolean {
    return this.#room !== null;
  }

  /** See `scope.signal`. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#disconnected) this.#controller.abort(new ClientDisconnected());
    }
    return this.#controller.signal;
  }

  // ── the app's side ────────────────────────────────────────────────────────────────────────────────────────────

  /** Calls an app and sees it through. Never throws. */
  run(app: AsgiApp): void {
    let result: unknown;
    try {
      result = app(this.scope, this.receive as Receive, this.send as Send);
    } catch (error) {
      this.appFailed(error);
      return;
    }
    if (result instanceof Promise) result.then(this.#onReturn, this.#onThrow);
    else if (isThenable(result)) Promise.resolve(result).then(this.#onReturn, this.#onThrow);
    else this.#onReturn(result);
  }

  readonly #onReturn = (value: unknown): void => {
    if (value === undefined) this.appReturned();
    else
      this.appFailed(
        new GatewayError("TSGI_ERR_RESULT", `An app returns nothing, not a value (${typeof value})`),
      );
  };

  readonly #onThrow = (error: unknown): void => this.appFailed(error);

  /** The app's `receive`. */
  readonly receive = (): Promise<ReceiveEvent> => {
    if (this.#readers === null || this.#readers.length === 0) {
      const event = this.#ready();
      if (event !== null) return Promise.resolve(event);
    }
    return new Promise((resolve) => {
      this.#readers ??= [];
      this.#readers.push(resolve);
      if (this.#bodyState === "open" && this.#readers.length === 1) this.transport.read();
    });
  };

  /** The app's `send`. */
  readonly send = (event: SendEvent): Promise<void> => {
    if (this.#work !== null) return this.#work.then(() => this.send(event));
    try {
      return this.#take(event as HttpSendEvent);
    } catch (error) {
      this.#refusal = error;
      return rejected(error);
    }
  };

  /**
   * Accepts the head, and holds it back until the first piece of the body, so that an app which throws before it still
   * gets a clean 500 (ASGI HTTP 2.5, "Response Start": a server need not flush on this event).
   */
  start(head: ResponseHead): void {
    if (this.#state !== "idle") {
      this.#misplaced("http.response.start");
      return;
    }
    this.#head = head;
    this.#trailersDue = head.trailers;
    this.#state = "held";
  }

  /**
   * Sends a piece of the body.
   *
   * @returns A promise of room for the next, {@link ROOM} if there is some; it rejects if the client goes away.
   * @throws {@link GatewayError} if the piece breaks the protocol: it was not sent.
   */
  write(chunk: Chunk, more: boolean): Promise<void> {
    const head = this.#head;
    if (head === null || (this.#state !== "held" && this.#state !== "streaming")) {
      this.#misplaced("http.response.body");
      return ROOM;
    }
    const first = this.#state === "held";
    if (first) this.#frame(head, chunk, more);
    else if (!this.#bodiless && this.#owed !== -1) this.#count(byteLength(chunk), more);
    const piece = this.#bodiless || chunk.length === 0 ? null : chunk;
    if (first) {
      this.#state = "streaming";
      this.transport.writeHead(head);
    }
    if (!more && !this.#trailersDue) return this.#complete(piece);
    if (!more) this.#state = "trailers";
    if (piece === null && !first) return this.#room?.promise ?? ROOM;
    const room = this.transport.write(piece ?? EMPTY);
    return room && this.#room === null ? ROOM : this.#wait(chunk.length);
  }

  /** Ends a response whose head announced trailers. Flat fields, already checked. */
  endTrailers(fields: readonly string[]): Promise<void> {
    if (this.#state !== "trailers") this.#misplaced("http.response.trailers");
    if (this.#state !== "trailers") return ROOM;
    if (fields.length > 0 && this.#head?.trailers === true) this.transport.writeTrailers?.(fields);
    return this.#complete(null);
  }

  /** Makes later events wait for a piece of our own work: a file on its way to the client. */
  hold(work: Promise<void>): Promise<void> {
    const done = (): void => {
      if (this.#work === settled) this.#work = null;
    };
    const settled = work.then(done, done);
    this.#work = settled;
    return work;
  }

  /** The app is done. What it left incomplete becomes a 500, or a cut response. */
  appReturned(): void {
    if (this.#state === "complete" || this.#disconnected) {
      this.#settle();
      return;
    }
    if (this.#work !== null) {
      void this.#work.then(() => this.appReturned());
      return;
    }
    const [code, what] =
      this.#state === "idle"
        ? ["TSGI_ERR_NO_RESPONSE", "without a response"]
        : ["TSGI_ERR_INCOMPLETE", "before its response was complete"];
    this.appFailed(new GatewayError(code, `The app returned ${what}`, { cause: this.#refusal }));
  }

  /** The app threw, or its promise was rejected: a 500 while nothing was sent, else the response is cut. */
  appFailed(error: unknown): void {
    const { method, path } = this.scope;
    if (error !== this.#logged && !(this.#disconnected && isAftermath(error))) {
      this.transport.log("error", `The app failed at ${method} ${JSON.stringify(path)}`, error);
    }
    this.answer(500, "Internal Server Error");
    this.cut();
    this.#settle();
  }

  /** Answers with a short text, if nothing was sent yet, in place of what the app held back. Nothing of the request is echoed. */
  answer(status: number, text: string): void {
    if (this.#state !== "idle" && this.#state !== "held") return;
    this.#state = "idle";
    this.start(responseHead(status, [["content-type", "text/plain; charset=utf-8"]], null, false));
    void this.write(text, false);
  }

  /** Cuts a response that is not complete: the client must not take it for a whole one. */
  cut(): void {
    if (this.#state === "complete" || this.#state === "cut") return;
    this.#lose();
    this.transport.abort();
  }

  // ── the host's reports ────────────────────────────────────────────────────────────────────────────────────────

  /** A piece of the body arrived; the array is the app's from now on. `last` says that nothing follows. */
  dataReceived(chunk: Uint8Array, last: boolean = false): void {
    if (this.#disconnected || this.#bodyState !== "open") return;
    if (chunk.byteLength === 0 && !last) {
      this.transport.read();
      return;
    }
    const reader = this.#readers?.shift();
    if (reader === undefined) {
      this.#early = chunk;
      if (last) this.#bodyState = "ended";
      return;
    }
    if (last) this.#bodyState = "done";
    reader({ type: "http.request", body: chunk, more_body: !last });
    if (!last && this.#readers?.length !== 0) this.transport.read();
  }

  /** The body is complete. */
  eofReceived(): void {
    if (this.#disconnected || this.#bodyState !== "open") return;
    const reader = this.#readers?.shift();
    this.#bodyState = reader === undefined ? "ended" : "done";
    reader?.({ type: "http.request", body: EMPTY, more_body: false });
  }

  /** There is room again. */
  drained(): void {
    const room = this.#room;
    this.#room = null;
    this.#unawaited = 0;
    room?.resolve();
  }

  /** The client is gone. After a complete response this is no news. */
  connectionLost(): void {
    if (this.#state === "complete") this.drained();
    else this.#lose();
  }

  // ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

  #take(event: HttpSendEvent): Promise<void> {
    if (event?.type === "http.response.body") {
      const { body, more_body: more } = event;
      if (body !== undefined && typeof body !== "string" && !isBytes(body))
        throw wrongKey(event.type, "body");
      if (more !== undefined && typeof more !== "boolean") throw wrongKey(event.type, "more_body");
      return this.write(body ?? EMPTY, more === true);
    }
    if (event?.type === "http.response.start") {
      const { trailers } = event;
      if (trailers !== undefined && typeof trailers !== "boolean") throw wrongKey(event.type, "trailers");
      this.start(
        responseHead(event.status, event.headers ?? NO_HEADERS, event.reason ?? null, trailers === true),
      );
      return ROOM;
    }
    return sendExtension(this, event);
  }

  #ready(): HttpReceiveEvent | null {
    if (this.#disconnected || this.#state === "complete") return { type: "http.disconnect" };
    const early = this.#early;
    if (early === null && this.#bodyState !== "ended") return null;
    this.#early = null;
    const more = this.#bodyState === "open";
    if (!more) this.#bodyState = "done";
    return { type: "http.request", body: early ?? EMPTY, more_body: more };
  }

  #frame(head: ResponseHead, chunk: Chunk, more: boolean): void {
    this.#bodiless = this.scope.method === "HEAD" || isBodiless(head.status);
    this.#owed = head.length;
    if (head.trailers && (this.#bodiless || !framesTrailers(head, this.scope, this.transport)))
      withoutTrailers(head);
    if (this.#bodiless) return;
    if (this.#owed !== -1) {
      this.#count(byteLength(chunk), more);
    } else if (!more && !this.#trailersDue) {
      head.length = byteLength(chunk);
      head.headers.push("content-length", String(head.length));
    }
  }

  #count(size: number, more: boolean): void {
    const owed = this.#owed - size;
    if (owed >= 0 && (more || owed === 0)) {
      this.#owed = owed;
      return;
    }
    const what = owed < 0 ? "longer" : "shorter";
    const error = new GatewayError(
      "TSGI_ERR_CONTENT_LENGTH",
      `The body is ${Math.abs(owed)} bytes ${what} than Content-Length says (${this.#head?.length})`,
    );
    this.#violated(error);
    throw error;
  }

  /** An error that the client must see as a cut response, once it has seen a head. */
  #violated(error: GatewayError): void {
    if (this.#state === "held") return;
    this.#logged = error;
    const { method, path } = this.scope;
    this.transport.log("error", `The app broke its response at ${method} ${JSON.stringify(path)}`, error);
    this.cut();
  }

  #complete(chunk: Chunk | null): Promise<void> {
    this.#state = "complete";
    this.transport.end(chunk);
    this.#endReaders();
    return ROOM;
  }

  #wait(size: number): Promise<void> {
    if (this.#disconnected) return rejected(new ClientDisconnected());
    if (this.#room === null) {
      let resolve!: () => void;
      let reject!: (error: unknown) => void;
      const promise = new Promise<void>((yes, no) => {
        resolve = yes;
        reject = no;
      });
      promise.catch(ignore);
      this.#room = { promise, resolve, reject };
      return promise;
    }
    this.#unawaited += size;
    if (this.#unawaited > MAX_UNAWAITED_BYTES) {
      const error = new GatewayError(
        "TSGI_ERR_SEND_OVERFLOW",
        `The app sent more than ${MAX_UNAWAITED_BYTES} bytes without awaiting send()`,
      );
      this.#violated(error);
      throw error;
    }
    return this.#room.promise;
  }

  #lose(): void {
    if (this.#disconnected) return;
    this.#disconnected = true;
    this.#state = "cut";
    this.#endReaders();
    const room = this.#room;
    this.#room = null;
    if (room === null && this.#controller === null) return;
    const error = new ClientDisconnected();
    room?.reject(error);
    this.#controller?.abort(error);
  }

  #endReaders(): void {
    const readers = this.#readers;
    this.#readers = null;
    if (readers === null) return;
    for (const reader of readers) reader({ type: "http.disconnect" });
  }

  #settle(): void {
    if (this.#returned) return;
    this.#returned = true;
    this.transport.detach();
  }

  /** An event at the wrong time: an error, or nothing after the end (ASGI: further messages are ignored). */
  #misplaced(type: string): void {
    if (this.#state === "complete") return;
    if (this.#state === "cut") throw new ClientDisconnected();
    throw new GatewayError("TSGI_ERR_EVENT_ORDER", `${type} may not be sent ${WHEN[this.#state]}`);
  }
}

const WHEN: Readonly<Record<ResponseState, string>> = {
  idle: "before http.response.start",
  held: "after http.response.start",
  streaming: "after the body has begun",
  trailers: "after the body: http.response.trailers is due",
  complete: "after the response",
  cut: "after the connection was lost",
};

function ignore(): void {}

/** A rejected promise that an app may leave unawaited without bringing the process down. */
function rejected(error: unknown): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(ignore);
  return promise;
}

function wrongKey(type: string, key: string): GatewayError {
  return new GatewayError("TSGI_ERR_EVENT", `"${key}" of ${type} has the wrong type`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/** What an app may well throw because its client went away. */
function isAftermath(error: unknown): boolean {
  return error instanceof ClientDisconnected || (error as { name?: unknown } | null)?.name === "AbortError";
}
