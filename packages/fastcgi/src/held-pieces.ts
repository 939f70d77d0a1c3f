// Octets of a stream that nobody has asked for yet. Small pieces are put together: each of them alone would cost more than its octets.

import { lastingPart } from "./lasting-bytes.ts";

/** A piece of this many bytes stays a piece. */
const LARGE = 4 * 1024;

/** The most that small pieces are put into at a time, in bytes. */
const LARGEST_BLOCK = 16 * 1024;

/** What came of a stream and was not taken. */
export class HeldPieces {
  /** How many bytes there are. */
  size = 0;
  #pieces: Uint8Array[] = [];
  /** Which piece is the next. */
  #next = 0;
  /** What small pieces are copied into, after all others; taken from `#from`, filled up to `#to`. */
  #block: Uint8Array | null = null;
  #from = 0;
  #to = 0;

  /** Adds `bytes[start]` up to, not including, `bytes[end]`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size === 0) return;
    const isFirst = this.size === 0;
    this.size += size;
    // The first is mostly the whole body.
    if (isFirst || size >= LARGE) {
      this.#closeBlock();
      this.#pieces.push(lastingPart(bytes, start, end));
      return;
    }
    if (this.#block === null || this.#to + size > this.#block.length) {
      this.#closeBlock();
      // The first is as large as it must be: mostly there is no second.
      this.#block = new Uint8Array(Math.min(LARGEST_BLOCK, Math.max(size, this.size)));
      this.#from = this.#to = 0;
    }
    for (let i = start; i < end; i += 1) this.#block[this.#to++] = bytes[i] as number;
  }

  /** The next piece, which is the caller's; `null` if there is none. */
  take(): Uint8Array | null {
    const piece = this.#pieces[this.#next];
    if (piece === undefined) return this.#takeBlock();
    this.#next += 1;
    if (this.#next === this.#pieces.length) {
      this.#pieces = [];
      this.#next = 0;
    }
    this.size -= piece.length;
    return piece;
  }

  /** Forgets everything. */
  clear(): void {
    this.size = 0;
    this.#pieces = [];
    this.#next = 0;
    this.#block = null;
    this.#from = this.#to = 0;
  }

  #takeBlock(): Uint8Array | null {
    if (this.#block === null || this.#from === this.#to) return null;
    const piece = this.#block.subarray(this.#from, this.#to);
    this.#from = this.#to;
    this.size -= piece.length;
    return piece;
  }

  #closeBlock(): void {
    if (this.#block !== null && this.#to > this.#from) {
      this.#pieces.push(this.#block.subarray(this.#from, this.#to));
    }
    this.#block = null;
    this.#from = this.#to = 0;
  }
}
