// The socket of a connection: whole records leave by it, and it is closed so that none of them is lost.
// Sources: FastCGI 1.0 §3.5 "Closing Transport Connections"; golang issue 4183; requirements F50, F51, F57.

import type { Socket } from "node:net";
import type { Octets } from "./record-writer.ts";

/** The first octet of every record: its version. */
const FIRST_OCTET = "\x01";

/** How long the network has to tell that nobody takes what was sent, in milliseconds. */
const ANSWER_MS = 50;

/** How often `lingerTimeout` may begin again for a peer that is still sending. */
const LONGEST_LINGER = 30;

/** How a connection is closed. */
export interface ClosingRules {
  readonly lingerTimeout: number;
  readonly maxDiscard: number;
}

/** What writes records, and closes. */
export class RecordSocket {
  readonly #socket: Socket;
  readonly #rules: ClosingRules;
  /** Whether the first octet of the next record has left already. */
  #probed = false;
  #timer: NodeJS.Timeout | null = null;
  #closing = false;
  #discarded = 0;
  /** Until when the time to linger may begin again, by `performance.now()`. */
  #lingersUntil = 0;
  /** Whether what is written waits for the end of the turn. */
  #gathers = false;
  readonly #leave = (): void => {
    this.#gathers = false;
    this.#socket.uncork();
  };

  constructor(socket: Socket, rules: ClosingRules) {
    this.#socket = socket;
    this.#rules = rules;
    socket.on("close", () => this.#stopTimer());
  }

  /** Whether what is written waits for a web server that does not read. */
  get full(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Whether {@link RecordSocket.close} was called: what comes is for nobody. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Writes records that are one binary string; `false` if there is no room for more. */
  write(records: string): boolean {
    if (this.#closing) return true;
    return this.#socket.write(this.#probed ? this.#rest(records) : records, "latin1");
  }

  /**
   * Writes records in pieces, the first of which is a string. They leave at the end of the turn, with all that is written until then, by
   * one system call: a response of sixteen pieces took sixteen.
   */
  writeAll(pieces: readonly Octets[]): boolean {
    if (this.#closing) return true;
    const socket = this.#socket;
    if (!this.#gathers) {
      this.#gathers = true;
      socket.cork();
      process.nextTick(this.#leave);
    }
    let room = true;
    for (const piece of pieces) {
      if (typeof piece === "string") room = this.write(piece);
      else room = socket.write(piece);
    }
    return room;
  }

  /**
   * Asks the other end, which has sent its last, whether it is still there: one that is gone answers with a reset, or cannot be written
   * to. What it gets is the first octet of the next record, which is always the same: there will be one.
   */
  probe(): void {
    if (this.#probed || this.#closing) return;
    this.#probed = true;
    this.#socket.write(FIRST_OCTET, "latin1");
    // A socket that has read its end does not learn of a reset until it is written to: nothing is enough.
    this.#timer = setTimeout(() => this.#socket.write(""), ANSWER_MS);
    this.#timer.unref();
  }

  /**
   * Sends what was written, then FIN; reads on for a while, and throws that away. Closed with something unread, a connection is reset,
   * and what was sent last is lost.
   */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#stopTimer();
    const socket = this.#socket;
    const { lingerTimeout } = this.#rules;
    socket.end(() => {
      if (socket.destroyed) return;
      if (socket.readableEnded) socket.destroy();
      else if (lingerTimeout > 0) {
        this.#lingersUntil = performance.now() + LONGEST_LINGER * lingerTimeout;
        this.#timer = setTimeout(() => socket.destroy(), lingerTimeout);
      }
    });
    socket.resume();
  }

  /** Takes what comes after the end. */
  discard(size: number): void {
    this.#discarded += size;
    if (performance.now() + this.#rules.lingerTimeout < this.#lingersUntil) this.#timer?.refresh();
    if (this.#discarded > this.#rules.maxDiscard && this.#socket.writableFinished) this.#socket.destroy();
  }

  /** Ends it at once. */
  destroy(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #rest(records: string): string {
    this.#probed = false;
    return records.slice(FIRST_OCTET.length);
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
