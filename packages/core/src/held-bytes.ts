// Bytes of a body as they are collected in memory.
// Source: ours. A long body must not be copied as it grows, nor one in many tiny pieces cost more memory than its bytes.

import { EMPTY } from "./bytes.ts";

/** A piece of this many bytes is kept as it is; a shorter one would cost more than its bytes. */
const WORTH_KEEPING = 4 * 1024;

/** The most that short pieces are copied into at a time, in bytes. */
const LARGEST_BLOCK = 64 * 1024;

/** Collects pieces: the first one and long ones are kept as they are, the others are copied together. */
export class HeldBytes {
  /** How many there are. */
  length = 0;
  /** How many are expected, so that no block is larger than need be; -1 if nobody knows. */
  readonly #expected: number;
  #parts: Uint8Array[] = [];
  /** What short pieces are copied into. */
  #block: Uint8Array = EMPTY;
  /** Where in the block the bytes begin that are no part yet, and where they end. */
  #start = 0;
  #end = 0;

  constructor(expected: number) {
    this.#expected = expected;
  }

  add(chunk: Uint8Array): void {
    const size = chunk.byteLength;
    if (size === 0) return;
    if (this.length === 0 || size >= WORTH_KEEPING) {
      this.#closePart();
      // Always a plain Uint8Array: a Buffer's `slice` and `toString` are not those of one, and apps should not tell.
      const isPlain = Object.getPrototypeOf(chunk) === Uint8Array.prototype;
      this.#parts.push(isPlain ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset, size));
    } else {
      if (size > this.#block.byteLength - this.#end) this.#newBlock(size);
      this.#block.set(chunk, this.#end);
      this.#end += size;
    }
    this.length += size;
  }

  /** All of them, in order, in one array or several; nothing is left. */
  take(): Uint8Array[] {
    this.#closePart();
    const parts = this.#parts;
    this.#parts = [];
    this.#block = EMPTY;
    this.#start = this.#end = 0;
    this.length = 0;
    return parts;
  }

  #closePart(): void {
    if (this.#end > this.#start) this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  #newBlock(least: number): void {
    this.#closePart();
    const left = this.#expected - this.length;
    const size = Math.min(LARGEST_BLOCK, Math.max(WORTH_KEEPING, this.length));
    this.#block = new Uint8Array(left >= least ? Math.min(size, left) : size);
    this.#start = this.#end = 0;
  }
}

/** Several arrays as one: the very one, if it is the only one. */
export function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length <= 1) return parts[0] ?? EMPTY;
  const all = new Uint8Array(length);
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  return all;
}
