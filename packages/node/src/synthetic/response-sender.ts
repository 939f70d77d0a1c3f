// What a guest wrote, as events: the other end of its socket. A write is done when send() says there is room.
// Sources: ASGI HTTP 2.5 "Response Start", "Response Body"; extensions early_hint, trailers, tsgi.reason, tsgi.informational.

import {
  EMPTY,
  ROOM,
  isTrailerName,
  type Chunk,
  type Header,
  type HttpScopeInit,
  type Send,
  type SendEvent,
} from "@tsgi/core";
import { ResponseReader, type ResponseSink } from "./response-reader.ts";
import type { Done, Piece } from "./socket.ts";
import type { WrittenField, WrittenHead } from "./written-head.ts";

/** Whom the sender asks and tells. */
export interface SenderOwner {
  /**
   * Whether the response may be declared complete: its writer has ended it (or its bytes tell so: `told`), and nobody
   * reads the request body any more, which ASGI ends with the response.
   */
  mayComplete(told: boolean): boolean;
  /** The writer has told the client to go on with its body. */
  readingResumed(): void;
  /** The last event was sent, and taken. */
  responseCompleted(): void;
  /** `send` was refused, or the listener wrote what is no response. */
  sendingFailed(error: unknown): void;
}

/** A last piece above this waits for room before its write is done, so that `finish` means what it means on a socket. */
const LARGE = 16 * 1024;

/** The member of a TE field that says so. */
const TRAILERS = /(?:^|,)[ \t]*trailers[ \t]*(?:$|[,;])/i;

export class ResponseSender implements ResponseSink {
  readonly #scope: HttpScopeInit;
  readonly #send: Send;
  readonly #owner: SenderOwner;
  readonly #reader: ResponseReader;
  #head: WrittenHead | null = null;
  /** Whether the host was told to let the head leave. */
  #flushed = false;
  /** A piece that may turn out to be the last. */
  #piece: Chunk | null = null;
  /** Whether what was written ends in nothing, as what `end()` writes behind a body does. */
  #endsEmpty = false;
  #trailers: readonly WrittenField[] = [];
  #state: "open" | "read" | "completed" = "open";
  #failed = false;
  /** Events that wait for room. Bounded by what one write handed over: the next comes after its `done`. */
  #queue: SendEvent[] = [];
  #waiting = false;
  #done: Done | null = null;

  constructor(scope: HttpScopeInit, send: Send, owner: SenderOwner) {
    this.#scope = scope;
    this.#send = send;
    this.#owner = owner;
    this.#reader = new ResponseReader(scope.method, this);
  }

  /** Whether the last event was handed over. */
  get completed(): boolean {
    return this.#state === "completed";
  }

  /** Whether the last event was taken as well. */
  get settled(): boolean {
    return this.#state === "completed" && !this.#waiting;
  }

  /** Whether all bytes of the response were written. */
  get written(): boolean {
    return this.#reader.done;
  }

  write(pieces: readonly Piece[], done: Done): void {
    if (this.#failed) {
      done();
      return;
    }
    this.#endsEmpty = pieces[pieces.length - 1]?.chunk.length === 0;
    try {
      for (const { chunk, encoding } of pieces) this.#reader.read(chunk, encoding);
    } catch (error) {
      this.#fail(error);
      done();
      return;
    }
    if (this.#state === "open") this.#flush();
    // `end()` marks its response as ended only after this write: a tick later we know whether it was the last one. Where it
    // can be told at once it is: whoever ends a response and closes the server then finds its connection where Node has it.
    else if (!this.complete()) process.nextTick(completeOrFlush, this);
    if (this.#waiting) this.#done = done;
    else done();
  }

  /** The guest has closed its side: this ends a response that ends so. */
  close(done: Done): void {
    this.#reader.close();
    this.complete();
    if (this.#waiting) this.#done = done;
    else done();
  }

  /** Nothing more is sent; whoever waits is let go. */
  stop(): void {
    this.#failed = true;
    this.#queue = [];
    const done = this.#done;
    this.#done = null;
    done?.();
  }

  /** Sends the last event, if all was written and the owner agrees. Says whether it did, or had. */
  complete(): boolean {
    if (this.#state !== "read" || this.#failed) return this.#state === "completed";
    const head = this.#head as WrittenHead;
    const unmeasured = head.framing === "chunked" || head.framing === "close";
    if (!this.#owner.mayComplete(unmeasured || this.#endsEmpty)) return false;
    // A body without a length stays one: core would count a first and only piece.
    if (unmeasured) this.#flush();
    const body = this.#piece ?? EMPTY;
    this.#piece = null;
    this.#state = "completed";
    this.#emit({ type: "http.response.body", body, more_body: false });
    if (this.#sendsTrailers(head)) {
      const fields = this.#trailers.filter(([name]) => isTrailerName(name));
      this.#emit({ type: "http.response.trailers", headers: fields });
    }
    if (!this.#waiting) this.#owner.responseCompleted();
    return true;
  }

  /** Lets leave what is there: a piece, or a head alone. */
  flush(): void {
    if (this.#state !== "completed" && !this.#failed) this.#flush();
  }

  // ── what was read ─────────────────────────────────────────────────────────────────────────────────────────────

  interimRead({ status, headers }: WrittenHead): void {
    const { extensions } = this.#scope;
    // The host says 100 itself, as the body is asked for.
    if (status === 100) this.#owner.readingResumed();
    if (status === 100) return;
    const links = headers.every(([name]) => name.toLowerCase() === "link");
    if (status === 103 && links && extensions["http.response.early_hint"] !== undefined) {
      this.#emit({ type: "http.response.early_hint", links: headers.map(([, value]) => value) });
    } else if (extensions["tsgi.informational"] !== undefined) {
      this.#emit({ type: "tsgi.informational", status, headers });
    }
  }

  headRead(head: WrittenHead): void {
    this.#head = head;
    const { status, headers } = head;
    const reason = this.#scope.extensions["tsgi.reason"] === undefined ? null : head.reason;
    const trailers = this.#sendsTrailers(head);
    // Its end is that of its connection, said or not; a client of another framing would wait for one.
    if (head.framing === "close" && !headers.some(isConnection)) headers.push(["Connection", "close"]);
    this.#emit({ type: "http.response.start", status, headers, trailers, reason });
  }

  dataRead(chunk: Chunk): void {
    if (this.#piece !== null) this.#flush();
    this.#piece = chunk;
    if (chunk.length > LARGE) this.#flush();
  }

  endRead(trailers: readonly WrittenField[]): void {
    this.#trailers = trailers;
    this.#state = "read";
  }

  // ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────

  #flush(): void {
    if (this.#head === null || (this.#piece === null && this.#flushed)) return;
    const body = this.#piece ?? EMPTY;
    this.#piece = null;
    this.#emit({ type: "http.response.body", body, more_body: true });
    this.#flushed = true;
  }

  #sendsTrailers(head: WrittenHead): boolean {
    return (
      head.framing === "chunked" &&
      this.#scope.extensions["http.response.trailers"] !== undefined &&
      (head.announcesTrailers || this.#scope.headers.some(takesTrailers))
    );
  }

  #emit(event: SendEvent): void {
    if (this.#waiting) {
      this.#queue.push(event);
      return;
    }
    let room: Promise<void>;
    try {
      room = this.#send(event);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (room === ROOM) return;
    this.#waiting = true;
    room.then(this.#roomAgain, this.#refused);
  }

  readonly #roomAgain = (): void => {
    this.#waiting = false;
    while (!this.#waiting && this.#queue.length > 0) this.#emit(this.#queue.shift() as SendEvent);
    if (this.#waiting || this.#failed) return;
    if (this.#state === "completed") this.#owner.responseCompleted();
    const done = this.#done;
    this.#done = null;
    done?.();
  };

  readonly #refused = (error: unknown): void => {
    this.#waiting = false;
    this.#fail(error);
  };

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#owner.sendingFailed(error);
    this.stop();
  }
}

/** RFC 9110 §6.5.1: a client that says so gets them, announced or not; that it did is known at the end only. */
function takesTrailers([name, value]: Header): boolean {
  return name === "te" && TRAILERS.test(value);
}

function completeOrFlush(sender: ResponseSender): void {
  if (!sender.complete()) sender.flush();
}

/** Of these, only the wish to close is left in a head. */
function isConnection([name]: WrittenField): boolean {
  return name.length === 10 && name.toLowerCase() === "connection";
}
