// Pieces of any size for an HTTP/2 stream, a slice at a time: what waits in a stream counts as memory of its session, and a
// session with more than its share refuses new streams with ENHANCE_YOUR_CALM.
// Source: https://nodejs.org/docs/latest-v20.x/api/http2.html, `maxSessionMemory`.

import type { Writable } from "node:stream";
import type { Chunk } from "@tsgi/core";

/** The most of a piece that a stream is given at once, in bytes; of a string, in characters. */
const SLICE = 64 * 1024;

export class SlicedStream {
  readonly #stream: Writable;
  readonly #roomAgain: () => void;
  readonly #slices: Uint8Array[] = [];
  #ends = false;
  #waitsForDrain = false;

  /** @param roomAgain - Called when there is room after a `write` that said there was none; not after `end`. */
  constructor(stream: Writable, roomAgain: () => void) {
    this.#stream = stream;
    this.#roomAgain = roomAgain;
  }

  /** Writes a piece. Says whether there is room for more. */
  write(chunk: Chunk): boolean {
    if (this.#put(chunk)) return true;
    this.#awaitDrain();
    return false;
  }

  /** Ends the stream once all is written. */
  end(chunk: Chunk | null): void {
    if (this.#slices.length === 0 && (chunk === null || chunk.length <= SLICE)) {
      if (chunk === null) this.#stream.end();
      else this.#stream.end(chunk);
      return;
    }
    this.#ends = true;
    if (chunk !== null) this.#put(chunk);
    if (this.#slices.length === 0) this.#stream.end();
    else this.#awaitDrain();
  }

  #put(chunk: Chunk): boolean {
    if (this.#slices.length === 0 && chunk.length <= SLICE) return this.#stream.write(chunk);
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    for (let at = 0; at < bytes.byteLength; at += SLICE) this.#slices.push(bytes.subarray(at, at + SLICE));
    return this.#putSlices();
  }

  #putSlices(): boolean {
    let room = !this.#stream.writableNeedDrain;
    while (room && this.#slices.length > 0) room = this.#stream.write(this.#slices.shift());
    return room;
  }

  #awaitDrain(): void {
    if (this.#waitsForDrain) return;
    this.#waitsForDrain = true;
    this.#stream.on("drain", this.#onDrain);
  }

  readonly #onDrain = (): void => {
    if (!this.#putSlices() && !(this.#ends && this.#slices.length === 0)) return;
    if (this.#ends) this.#stream.end();
    else this.#roomAgain();
  };
}
