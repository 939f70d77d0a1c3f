// The response body on its way to the client: a buffer with a high-water mark, and a reader that may pause.
// Source: core's transport contract (`write`, `end`, `drained`); requirements A50 and W42.

import { GatewayError } from "@tsgi/core";

/** A response body. */
export class Download {
  readonly #highWaterMark: number;
  readonly #drained: () => void;
  #pieces: Uint8Array[] = [];
  #buffered = 0;
  #isFull = false;
  #paused = false;
  #ended = false;
  #cut: unknown = null;
  #changed: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;

  /**
   * @param highWaterMark - From how many unread bytes on the app must wait.
   * @param drained - Is called when there is room again.
   */
  constructor(highWaterMark: number, drained: () => void) {
    this.#highWaterMark = highWaterMark;
    this.#drained = drained;
  }

  /** Bytes that the app has sent and nobody has read. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Whether the body came to its end. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the body broke off. */
  get cut(): boolean {
    return this.#cut !== null;
  }

  /** Adds a piece, and says whether there is room for more. */
  push(bytes: Uint8Array): boolean {
    if (bytes.byteLength > 0) {
      this.#pieces.push(bytes);
      this.#buffered += bytes.byteLength;
      this.#wake();
    }
    this.#isFull = this.#buffered > 0 && this.#buffered >= this.#highWaterMark;
    return !this.#isFull;
  }

  /** Nothing follows. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The body broke off; what is buffered can still be read. */
  break(error: unknown): void {
    if (this.#ended || this.#cut !== null) return;
    this.#cut = error;
    this.#wake();
  }

  /** Stops reading: {@link take} waits, and what the app sends fills the buffer. */
  pause(): void {
    this.#paused = true;
  }

  /** Reads again. */
  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /**
   * The next piece; `null` at the end.
   *
   * @throws What {@link break} was given, after the last piece.
   */
  async take(): Promise<Uint8Array | null> {
    for (;;) {
      const piece = this.#paused ? undefined : this.#pieces.shift();
      if (piece !== undefined) {
        this.#taken(piece.byteLength);
        return piece;
      }
      if (!this.#paused && this.#cut !== null) throw this.#cut;
      if (!this.#paused && this.#ended) return null;
      await this.#change();
    }
  }

  #taken(size: number): void {
    this.#buffered -= size;
    if (!this.#isFull || (this.#buffered > 0 && this.#buffered >= this.#highWaterMark)) return;
    this.#isFull = false;
    this.#drained();
  }

  #change(): Promise<void> {
    if (this.#changed === null) {
      let resolve!: () => void;
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#changed = { promise, resolve };
    }
    return this.#changed.promise;
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = null;
  }
}

/** What a client finds where the rest of a response should be. */
export function responseCut(): GatewayError {
  return new GatewayError("TSGI_ERR_INCOMPLETE", "The response was cut before it was complete");
}
