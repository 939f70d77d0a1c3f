// Bytes of a body as they are collected in memory.
// Source: ours. A body in many tiny pieces must not cost more memory than its bytes.

import { EMPTY } from "./bytes.ts";

/** Collects pieces: a single one is kept as it is, several are copied into an array that grows. */
export class HeldBytes {
  /** How many there are. */
  length = 0;
  #bytes: Uint8Array = EMPTY;
  /** How many are expected, so that the array need not grow beyond; -1 if nobody knows. */
  readonly #expected: number;

  constructor(expected: number) {
    this.#expected = expected;
  }

  add(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    const length = this.length + chunk.byteLength;
    if (this.length === 0) {
      this.#bytes = chunk;
    } else {
      if (length > this.#bytes.byteLength || this.#bytes.byteLength === this.length) this.#grow(length);
      this.#bytes.set(chunk, this.length);
    }
    this.length = length;
  }

  /** All of them; nothing is left. */
  take(): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    // Always a plain Uint8Array: a Buffer's `slice` and `toString` are not those of one, and apps should not tell.
    const bytes = new Uint8Array(buffer, byteOffset, this.length);
    this.#bytes = EMPTY;
    this.length = 0;
    return bytes;
  }

  #grow(length: number): void {
    const twice = 2 * length;
    const size = this.#expected >= length ? Math.min(twice, this.#expected) : twice;
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}
