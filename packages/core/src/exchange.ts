// The one state machine of a request: what an app may receive and send, in which order, and what then happens on the wire.
// Sources: ASGI 3.0; HTTP & WebSocket 2.5 (www); extensions; RFC 9110 §6.4.1, §9.3.2.

import { EMPTY, byteLength } from "./bytes.ts";
import { ClientDisconnected } from "./errors.ts";
import type { Chunk, HttpSendEvent, ReceiveEvent, SendEvent } from "./events.ts";
import { UNCOUNTED, count, frame, hasNoBody } from "./framing.ts";
import { logFailure } from "./log-failure.ts";
import { RequestBody } from "./request-body.ts";
import { answerHead, type ResponseHead } from "./response-head.ts";
import { isAftermath, isHangUp, misplaced, unfinished, type ResponseState } from "./response-state.ts";
import { ROOM, Wait, rejected, roomNextTurn } from "./room.ts";
import type { Extensions, Headers, HttpScope, HttpScopeInit } from "./scope.ts";
import { withSignal } from "./scope-signal.ts";
import { sendEvent } from "./send-event.ts";
import { SendQueue } from "./send-queue.ts";
import type { HttpTransport } from "./transport.ts";

const NOTHING = Symbol("nothing");

/** One request and its response. A host makes one by `serve`; a bridge of ours may use its verbs instead of events. */
export class HttpExchange {
  readonly scope: HttpScope;
  readonly transport: HttpTransport;
  /** The facts of the request as they came: what the app does to its scope changes nothing here (ASGI 3.0 "Middleware"). */
  readonly method: string;
  readonly path: string;
  readonly httpVersion: string;
  readonly headers: Headers;
  readonly extensions: Extensions;
  #state: ResponseState = "idle";
  #head: ResponseHead | null = null;
  #trailersDue = false;
  /** The bytes still owed to Content-Length. */
  #owed = UNCOUNTED;
  /** Made when somebody asks, or when something comes. */
  #body: RequestBody | null = null;
  #bodyEnded = false;
  #disconnected = false;
  #returned = false;
  #wait: Wait | null = null;
  #controller: AbortController | null = null;
  #queue: SendQueue | null = null;
  /** The last error a `send` was refused with: the cause, if the app never noticed. */
  #refusal: unknown = undefined;
  /** What was logged already; at first something no app can throw, as it may well throw `undefined`. */
  #logged: unknown = NOTHING;

  constructor(scope: HttpScopeInit, transport: HttpTransport) {
    this.scope = withSignal(scope, this);
    this.transport = transport;
    this.method = scope.method;
    this.path = scope.path;
    this.httpVersion = scope.http_version;
    this.headers = scope.headers;
    this.extensions = scope.extensions;
    transport.attach(this);
  }

  /** How far the response is. */
  get state(): ResponseState {
    return this.#state;
  }

  /** Whether a piece of body that is written now is of any use: there is a head, it has a body, and that goes on. */
  get wantsBody(): boolean {
    const head = this.#head;
    return (this.#state === "held" || this.#state === "streaming") && head !== null && !head.bodiless;
  }

  /** Whether the response was cut, or the client went away, before it was complete. */
  get disconnected(): boolean {
    return this.#disconnected;
  }

  /** Whether the next `write` will have to wait. */
  get full(): boolean {
    return this.#wait !== null;
  }

  /** See `scope.signal`. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#disconnected) this.#controller.abort(new ClientDisconnected());
    }
    return this.#controller.signal;
  }

  /** The app's `receive`. */
  readonly receive = (): Promise<ReceiveEvent> => {
    if (this.#disconnected || this.#state === "complete") return this.#requestBody().gone();
    return this.#requestBody().next();
  };

  /** The app's `send`. */
  readonly send = (event: SendEvent): Promise<void> => {
    try {
      if (this.#queue?.busy === true) return this.#queue.add(() => sendEvent(this, event as HttpSendEvent));
      return sendEvent(this, event as HttpSendEvent);
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
    if (this.#state !== "idle") return this.#misplaced("http.response.start");
    head.bodiless = hasNoBody(this.method, head.status);
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
    try {
      if (first) this.#owed = frame(head, this, chunk, more, this.#trailersDue);
      else if (this.#owed !== UNCOUNTED) this.#owed = count(head, this.#owed, byteLength(chunk), more);
      const piece = head.bodiless || chunk.length === 0 ? null : chunk;
      if (first) {
        this.#state = "streaming";
        this.transport.writeHead(head);
        // The host may learn only now that the client is gone.
        if (this.#disconnected) return rejected(new ClientDisconnected());
      }
      if (!more && !this.#trailersDue) return this.#complete(piece);
      if (!more) this.#state = "trailers";
      if (piece === null && !first) return this.#wait?.promise ?? roomNextTurn();
      const room = this.transport.write(piece ?? EMPTY);
      return room && this.#wait === null ? ROOM : this.#room(chunk.length);
    } catch (error) {
      this.#violated(error);
      throw error;
    }
  }

  /** Ends a response whose head announced trailers. Flat fields, already checked. */
  endTrailers(fields: readonly string[]): Promise<void> {
    if (this.#state !== "trailers") {
      this.#misplaced("http.response.trailers");
      return ROOM;
    }
    if (fields.length > 0 && this.#head?.trailers === true) this.transport.writeTrailers?.(fields);
    return this.#complete(null);
  }

  /** Makes later events wait for a piece of our own work: a file on its way to the client. */
  hold(work: Promise<void>): Promise<void> {
    // One that waited itself is what the queue waits for.
    if (this.#queue?.busy !== true) {
      this.#queue = new SendQueue(work, (error) => {
        this.#refusal = error;
      });
    }
    return work;
  }

  /** The app is done. What it left incomplete becomes a 500, or a cut response. */
  appReturned(): void {
    if (this.#state === "complete" || this.#disconnected) {
      this.#settle();
      return;
    }
    if (this.#queue?.busy === true) {
      void this.#queue.idle.then(() => this.appReturned());
      return;
    }
    this.appFailed(unfinished(this.#state, this.#refusal));
  }

  /** The app threw, or its promise was rejected: a 500 while nothing was sent, else the response is cut. */
  appFailed(error: unknown): void {
    this.fail(error);
    this.#settle();
  }

  /** The same, of an app that is not done yet. */
  fail(error: unknown): void {
    const known = error === this.#logged || (this.#disconnected && isAftermath(error));
    if (!known && !isHangUp(error)) logFailure(this, "The app failed", error);
    if (!isHangUp(error)) this.answer(500, "Internal Server Error");
    this.cut();
  }

  /** Answers with a short text, if nothing was sent yet, in place of what the app held back. Nothing of the request is echoed. */
  answer(status: number, text: string): void {
    if (this.#state !== "idle" && this.#state !== "held") return;
    this.#state = "idle";
    this.start(answerHead(status));
    try {
      void this.write(text, false);
    } catch {
      // Logged, and cut: the host cannot answer.
    }
  }

  /** Cuts a response that is not complete: the client must not take it for a whole one. */
  cut(): void {
    if (this.#state === "complete" || this.#state === "cut") return;
    this.#lose();
    this.transport.abort();
  }

  /** A piece of the body arrived; the array is the app's from now on. `last` says that nothing follows. */
  dataReceived(chunk: Uint8Array, last: boolean = false): void {
    if (!this.#disconnected) this.#requestBody().dataReceived(chunk, last);
  }

  /** The body is complete, or there is none. */
  eofReceived(): void {
    this.#bodyEnded = true;
    if (!this.#disconnected) this.#body?.eofReceived();
  }

  /** There is room again. */
  drained(): void {
    const wait = this.#wait;
    this.#wait = null;
    wait?.resolve();
  }

  /** The client is gone. After a complete response this is no news. */
  connectionLost(): void {
    if (this.#state === "complete") this.drained();
    else this.#lose();
  }

  #requestBody(): RequestBody {
    return (this.#body ??= new RequestBody(this.transport, this.#bodyEnded ? "ended" : "open"));
  }

  /** An error that the client must see as a cut response, once it has seen a head. */
  #violated(error: unknown): void {
    if (this.#state === "held") return;
    this.#logged = error;
    logFailure(this, "The app broke its response", error);
    this.cut();
  }

  #complete(chunk: Chunk | null): Promise<void> {
    const before = this.#state;
    this.#state = "complete";
    try {
      this.transport.end(chunk);
    } catch (error) {
      // Not complete after all: it can be cut.
      this.#state = before;
      throw error;
    }
    this.#body?.over();
    return ROOM;
  }

  #room(size: number): Promise<void> {
    if (this.#disconnected) return rejected(new ClientDisconnected());
    if (this.#wait === null) this.#wait = new Wait();
    else this.#wait.add(size);
    return this.#wait.promise;
  }

  #lose(): void {
    if (this.#disconnected) return;
    this.#disconnected = true;
    this.#state = "cut";
    this.#body?.over();
    const wait = this.#wait;
    this.#wait = null;
    if (wait === null && this.#controller === null) return;
    const error = new ClientDisconnected();
    wait?.reject(error);
    this.#controller?.abort(error);
  }

  #settle(): void {
    if (this.#returned) return;
    this.#returned = true;
    this.transport.detach();
  }

  /** An event at the wrong time: an error, or nothing after the end (ASGI: further messages are ignored). */
  #misplaced(type: string): void {
    if (this.#state !== "complete") throw misplaced(type, this.#state);
  }
}
