// The response on fd 1: written in order, nothing lost at the end, and back-pressure where the web server reads slowly.
// Sources: RFC 3875 §6.4; requirements C19, C22, C23, C27; measured: process.stdout loses what is left at process.exit().

import { write } from "node:fs";
import { isNotNow, pauseAfter, writeNow, writeWaiting } from "./fd.ts";

/**
 * How much is written at once, in the turn in which it comes, in bytes: what a new pipe has room for. It is quicker than a thread,
 * and most responses are no longer.
 */
const AT_ONCE = 64 * 1024;

/** Who is told what becomes of the output. */
export interface OutputOwner {
  /** Everything is written. */
  drained(): void;
  /** Nobody reads any more. */
  outputLost(): void;
}

/** The output of this process. */
export class CgiOutput {
  readonly #fd: number;
  readonly #owner: OutputOwner;
  #waits = false;
  #held = false;
  #lost = false;
  #writing = false;
  #atOnce = AT_ONCE;
  #queue: Uint8Array[] = [];
  /** How much of the first in the queue is written. */
  #at = 0;

  constructor(fd: number, owner: OutputOwner) {
    this.#fd = fd;
    this.#owner = owner;
  }

  /** Whether there is nothing left to write. */
  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** Whether a write is on its way: the process cannot exit before it is back. */
  get writing(): boolean {
    return this.#writing;
  }

  /** From now on a write waits until it is done. */
  block(): void {
    this.#waits = true;
  }

  /** Keeps back what is written from now on, until {@link release}. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (this.idle) return;
    this.#pump();
    if (this.idle && !this.#lost) this.#owner.drained();
  }

  /** Writes, and says whether all is written; if not, `drained` or `outputLost` follows. */
  write(bytes: Uint8Array): boolean {
    if (this.#lost || bytes.byteLength === 0) return this.idle;
    if (this.#waits) {
      try {
        writeWaiting(this.#fd, bytes);
      } catch {
        this.#lose();
      }
      return true;
    }
    this.#queue.push(bytes);
    if (!this.#held) this.#pump();
    return this.idle;
  }

  /** Gives up what is not written yet. */
  drop(): void {
    this.#queue = [];
    this.#at = 0;
  }

  /** Writes at once what surely has room. The rest goes through a thread: fd 1 may block. */
  #pump(): void {
    if (this.#writing || this.#held) return;
    try {
      while (this.#queue.length > 0) {
        const bytes = this.#queue[0] as Uint8Array;
        if (bytes.byteLength > this.#atOnce) break;
        const written = writeNow(this.#fd, bytes, this.#at);
        this.#atOnce -= written;
        if (!this.#wrote(bytes, written)) {
          // No room after all.
          this.#atOnce = 0;
          break;
        }
      }
    } catch {
      this.#lose();
      return;
    }
    if (this.#queue.length > 0) this.#writeNext(0);
  }

  #writeNext(tries: number): void {
    const bytes = this.#queue[0] as Uint8Array;
    this.#writing = true;
    write(this.#fd, bytes, this.#at, bytes.byteLength - this.#at, null, (error, written) => {
      this.#writing = false;
      if (this.#queue[0] !== bytes) return;
      if (error !== null && isNotNow(error)) {
        this.#writing = true;
        setTimeout(() => this.#writeNext(tries + 1), pauseAfter(tries));
        return;
      }
      if (error !== null) {
        this.#lose();
        return;
      }
      this.#wrote(bytes, written);
      if (this.#queue.length > 0) this.#writeNext(0);
      else this.#owner.drained();
    });
  }

  /** Whether a piece is written to its end. */
  #wrote(bytes: Uint8Array, written: number): boolean {
    this.#at += written;
    if (this.#at < bytes.byteLength) return false;
    this.#queue.shift();
    this.#at = 0;
    return true;
  }

  #lose(): void {
    this.#lost = true;
    this.drop();
    this.#owner.outputLost();
  }
}
