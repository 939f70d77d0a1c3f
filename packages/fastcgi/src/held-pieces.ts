// Octets of a stream that nobody has asked for yet, copied from what they came in. Small pieces are put together: each of them alone
// would cost more than its octets. What is taken has memory of its own: whoever transfers it takes nothing else away.

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
  /** What small pieces are copied into, after all others, and how much of it is filled. */
  #block: Uint8Array | null = null;
  #filled = 0;

  /** Adds `bytes[start]` up to, not including, `bytes[end]`. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size === 0) return;
    const isFirst = this.size === 0;
    this.size += size;
    // The first is mostly the whole body.
    if (isFirst || size >= LARGE) {
      this.#closeBlock();
      this.#pieces.push(new Uint8Array(bytes.subarray(start, end)));
      return;
    }
    if (this.#block === null || this.#filled + size > this.#block.length) {
      this.#closeBlock();
      this.#block = new Uint8Array(Math.min(LARGEST_BLOCK, Math.max(size, this.size)));
    }
    for (let i = start; i < end; i += 1) this.#block[this.#filled++] = bytes[i] as number;
  }

  /** The next piece, which is the caller's; `null` if there is none. */
  take(): Uint8Array | null {
    if (this.#next === this.#pieces.length) this.#closeBlock();
    const piece = this.#pieces[this.#next];
    if (piece === undefined) return null;
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
    this.#filled = 0;
  }

  #closeBlock(): void {
    const block = this.#block;
    if (block === null) return;
    this.#pieces.push(this.#filled === block.length ? block : block.slice(0, this.#filled));
    this.#block = null;
    this.#filled = 0;
  }
}
