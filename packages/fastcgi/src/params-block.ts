// The PARAMS stream of one request, collected, however it was cut into records and pieces.
// Sources: FastCGI 1.0 §5.2 "FCGI_PARAMS", §3.4; requirements F25, F28.

import { EMPTY } from "@tsgi/core";

/** The octets of a PARAMS stream so far: `bytes[start]` up to, not including, `bytes[end]`. */
export class ParamsBlock {
  /** Mostly what came, as there is one piece, and it is read before other bytes take its place. */
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  #owned = false;

  /** How many there are. */
  get size(): number {
    return this.end - this.start;
  }

  /** Adds `bytes[start]` up to, not including, `bytes[end]`. The caller sees to it that the stream has its limit. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const { size } = this;
    if (size === 0 && !this.#owned) {
      this.bytes = bytes;
      this.start = start;
      this.end = end;
      return;
    }
    const total = size + end - start;
    if (!this.#owned || total > this.bytes.length) this.#copyTo(2 * total);
    this.bytes.set(bytes.subarray(start, end), size);
    this.end = total;
  }

  /** Copies what is not its own: it will be other bytes. */
  own(): void {
    if (!this.#owned && this.size > 0) this.#copyTo(this.size);
  }

  #copyTo(length: number): void {
    const { size } = this;
    const copy = Buffer.alloc(length);
    copy.set(this.bytes.subarray(this.start, this.end));
    this.bytes = copy;
    this.start = 0;
    this.end = size;
    this.#owned = true;
  }
}
