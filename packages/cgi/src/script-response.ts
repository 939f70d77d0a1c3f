// A response on its way from a program's output to the client, whatever carried that output: a pipe, or FastCGI records.
// Sources: RFC 3875 §6, §4.3.3; requirements CH14 to CH22, FC12, FC14, FC17, FC18, FC22.

import {
  EMPTY,
  GatewayError,
  ROOM,
  isBodiless,
  reasonOf,
  type Log,
  type Scope,
  type Send,
  type SendEvent,
} from "@tsgi/core";
import { HeadParser, type HeadLimits } from "./head-parser.ts";
import { scriptHead, type HeadRules, type ScriptHead } from "./script-head.ts";

/** How a response is read, and whom it concerns. */
export interface ScriptResponseOptions extends HeadLimits, HeadRules {
  /** The request: its method, and whether its host has a place for a reason phrase. */
  readonly scope: Extract<Scope, { readonly type: "http" }>;
  /** The app's own `send`. */
  readonly send: Send;
  /** There is room again, after a `false` of `dataReceived`. */
  readonly drained: () => void;
  /** Whether the caller can serve a local redirect; else the client is sent there. */
  readonly redirectsLocally: boolean;
  /** What a response without a readable head is answered with: 500 of a program, 502 of an upstream. */
  readonly failure: 500 | 502;
  /** Told of what went wrong where the client gets an answer of ours, and of what was left out. */
  readonly log: Log;
}

/** The most interim heads (`100 Continue`) before the final one of an NPH script. */
const MAX_INTERIM_HEADS = 16;

/**
 * One response. The caller reports bytes by {@link dataReceived}, their end by {@link ended}, and what became of their source by
 * {@link failed}; when {@link done} settles, nothing more is wanted.
 */
export class ScriptResponse {
  /**
   * Resolves with `null` when the response is complete, one of ours included, or with the path of a local redirect: then nothing was
   * sent. Rejects if it must be cut, or the client is gone: the app lets the error escape.
   */
  readonly done: Promise<string | null>;
  /** How many bytes came beyond what Content-Length says; they were left out. */
  extra = 0;
  readonly #options: ScriptResponseOptions;
  #parser: HeadParser;
  #heads = 0;
  /** Parsing; the head is known, and waits for the first bytes of the body until the turn is over; streaming; nothing more is wanted. */
  #state: "head" | "held" | "body" | "over" = "head";
  #head: ScriptHead | null = null;
  /** The first bytes of the body, while they wait. */
  #first: Uint8Array = EMPTY;
  /** What Content-Length still allows. */
  #left = Infinity;
  /** Events that wait because `send` has no room. */
  #queue: SendEvent[] = [];
  #sending = false;
  /** Whether the caller was told that there is no room. */
  #toldFull = false;
  #isCut = false;
  #settle!: { readonly resolve: (to: string | null) => void; readonly reject: (error: unknown) => void };

  constructor(options: ScriptResponseOptions) {
    this.#options = options;
    this.#parser = new HeadParser(options);
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever waits for it is told; nobody need.
    this.done.catch(() => {});
  }

  /** Whether the head has come: what is waited for now is the body. */
  get hasHead(): boolean {
    return this.#state !== "head";
  }

  /** Whether more bytes are of no use: the response is complete, or cut, or its body is for nobody. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  /**
   * Takes bytes, which are the client's from now on: nobody may write to the array again.
   *
   * @returns `false` if there is no room for more: `drained` is called when there is.
   */
  dataReceived(chunk: Uint8Array): boolean {
    if (chunk.length > 0) {
      if (this.#state === "head") this.#headReceived(chunk);
      else this.#bodyReceived(chunk);
    }
    this.#toldFull = this.#sending;
    return !this.#sending;
  }

  /** The output has ended. */
  ended(): void {
    if (this.#state === "over") return;
    if (this.#state === "head") {
      const what = this.#parser.begun ? "ended within its head" : "is empty";
      return this.failed(
        this.#options.failure,
        new GatewayError("TSGI_ERR_SCRIPT_HEAD", `The output of the program ${what}`),
      );
    }
    if (this.#left !== Infinity && this.#left > 0) {
      // Still to be seen by the client as a response: it is cut, not refused.
      this.#flush();
      return this.#cut(
        new GatewayError(
          "TSGI_ERR_SCRIPT_BODY",
          `The body ends ${this.#left} bytes before what Content-Length says`,
        ),
      );
    }
    if (this.#state === "held") this.#begin(false);
    else this.#emit({ type: "http.response.body", body: EMPTY, more_body: false });
    this.#complete();
  }

  /**
   * The source has failed, or takes too long. While nothing was sent the client gets a short answer with this status, and the error is
   * logged; else the response is cut, and `done` rejects with the error.
   */
  failed(status: number, error: Error): void {
    if (this.#state === "over") return;
    if (this.#state === "body") return this.#cut(error);
    this.#options.log("error", error.message, error.cause);
    this.#answer(status);
  }

  /** The client is gone: nothing more is sent. */
  abandoned(error: unknown): void {
    if (this.#state !== "over" || this.#sending) this.#cut(error);
  }

  #headReceived(chunk: Uint8Array): void {
    try {
      for (let rest = chunk; ;) {
        const lines = this.#parser.push(rest);
        if (lines === null) return;
        rest = this.#parser.rest;
        const head = scriptHead(lines, this.#options);
        if (head.status >= 200) return this.#headComplete(head, rest);
        this.#heads += 1;
        if (this.#heads > MAX_INTERIM_HEADS) {
          throw new GatewayError("TSGI_ERR_SCRIPT_HEAD", "The program sends interim heads without end");
        }
        this.#parser = new HeadParser(this.#options);
      }
    } catch (error) {
      this.failed(this.#options.failure, error as Error);
    }
  }

  #headComplete(head: ScriptHead, rest: Uint8Array): void {
    if (head.localRedirect !== null && this.#options.redirectsLocally) {
      this.#state = "over";
      this.#settle.resolve(head.localRedirect);
      return;
    }
    this.#head = head;
    this.#state = "held";
    if (this.#options.scope.method === "HEAD" || isBodiless(head.status)) {
      this.#begin(false);
      return this.#complete();
    }
    if (head.length !== -1) this.#left = head.length;
    if (rest.length > 0 || this.#left === 0) this.#bodyReceived(rest);
    // Most bodies are there with their head, and many are then at their end: such a response has a length. One that is not goes on
    // its way in this turn: its body may take its time.
    if ((this.#state as string) === "held") queueMicrotask(() => this.#flush());
  }

  #bodyReceived(bytes: Uint8Array): void {
    if (this.#state === "over") {
      if (this.#left === 0) this.#tooMuch(bytes.length);
      return;
    }
    let piece = bytes;
    if (piece.length > this.#left) {
      this.#tooMuch(piece.length - this.#left);
      piece = piece.subarray(0, this.#left);
    }
    this.#left -= piece.length;
    const more = this.#left > 0;
    if (this.#state === "held" && this.#first.length === 0) {
      this.#first = piece;
      if (more) return;
      this.#begin(false);
    } else {
      this.#flush();
      this.#emit({ type: "http.response.body", body: piece, more_body: more });
    }
    if (!more) this.#complete();
  }

  #tooMuch(bytes: number): void {
    if (this.extra === 0) {
      this.#options.log("warn", "The body is longer than Content-Length says: the rest is left out");
    }
    this.extra += bytes;
  }

  #flush(): void {
    if (this.#state === "held") this.#begin(true);
  }

  /** Sends the head, and the first bytes of the body. */
  #begin(more: boolean): void {
    const { status, reason, fields } = this.#head as ScriptHead;
    const { scope } = this.#options;
    const told = scope.extensions["tsgi.reason"] === undefined ? null : reason;
    this.#state = "body";
    this.#emit({ type: "http.response.start", status, headers: fields, reason: told });
    this.#emit({ type: "http.response.body", body: this.#first, more_body: more });
    this.#first = EMPTY;
  }

  #answer(status: number): void {
    const headers = [["content-type", "text/plain; charset=utf-8"]] as const;
    this.#emit({ type: "http.response.start", status, headers });
    this.#emit({ type: "http.response.body", body: reasonOf(status), more_body: false });
    this.#complete();
  }

  #emit(event: SendEvent): void {
    if (this.#isCut) return;
    if (this.#sending) {
      this.#queue.push(event);
      return;
    }
    let room: Promise<void> | undefined;
    try {
      // A middleware may be written in JavaScript, and return nothing.
      room = this.#options.send(event) as Promise<void> | undefined;
    } catch (error) {
      this.#cut(error);
      return;
    }
    if (room === ROOM) return;
    this.#sending = true;
    Promise.resolve(room).then(this.#sent, this.#refused);
  }

  readonly #sent = (): void => {
    this.#sending = false;
    while (this.#queue.length > 0 && !this.#sending) this.#emit(this.#queue.shift() as SendEvent);
    if (this.#sending) return;
    if (this.#state === "over") return this.#settle.resolve(null);
    if (!this.#toldFull) return;
    this.#toldFull = false;
    this.#options.drained();
  };

  readonly #refused = (error: unknown): void => this.#cut(error);

  #complete(): void {
    this.#state = "over";
    if (!this.#sending) this.#settle.resolve(null);
  }

  #cut(error: unknown): void {
    this.#state = "over";
    this.#isCut = true;
    this.#queue = [];
    this.#settle.reject(error);
  }
}
