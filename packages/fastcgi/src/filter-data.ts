// The file a filter is to filter: the DATA stream, as an app reads it.
// Source: FastCGI 1.0 §6.4 "Filter".

import { ClientDisconnected, EMPTY, GatewayError } from "@tsgi/core";
import { HeldPieces } from "./held-pieces.ts";

/** What `scope.extensions.fastcgi.data` is in the filter role: the file to be filtered. */
export interface FilterInput extends AsyncIterable<Uint8Array> {
  /** FCGI_DATA_LENGTH: how long the file is, in bytes; -1 if the web server does not tell. */
  readonly length: number;
  /** FCGI_DATA_LAST_MOD: when it was last changed, in seconds since 1970; -1 if the web server does not tell. */
  readonly lastModified: number;
  /**
   * The next piece; empty at the end. One at a time.
   *
   * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_DATA` if the file is not as long as the web server said; {@link ClientDisconnected}.
   */
  read(): Promise<Uint8Array>;
}

interface Reader {
  readonly resolve: (piece: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** The DATA stream of one request. */
export class FilterData implements FilterInput {
  readonly length: number;
  readonly lastModified: number;
  readonly #taken: () => void;
  readonly #held = new HeldPieces();
  #received = 0;
  #ended = false;
  #error: unknown = null;
  #reader: Reader | null = null;

  /** @param taken - Called when something was taken, and there may be room again. */
  constructor(length: number, lastModified: number, taken: () => void) {
    this.length = length;
    this.lastModified = lastModified;
    this.#taken = taken;
  }

  /** Whether all of the file is here. */
  get complete(): boolean {
    return this.#ended || (this.length !== -1 && this.#received >= this.length);
  }

  /** How much waits to be read, in bytes. */
  get size(): number {
    return this.#held.size;
  }

  async read(): Promise<Uint8Array> {
    if (this.#reader !== null) {
      throw new GatewayError("TSGI_ERR_FASTCGI_DATA", "read() was called before the one before was done");
    }
    const piece = this.#held.take();
    if (piece !== null) {
      this.#taken();
      return piece;
    }
    if (this.#error !== null) throw this.#error;
    if (this.#ended) return EMPTY;
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await this.read();
      if (piece.length === 0) return;
      yield piece;
    }
  }

  /** `bytes[start]` up to, not including, `bytes[end]` have come. What is more than there should be is no part of the file. */
  dataReceived(bytes: Uint8Array, start: number, end: number): void {
    if (this.#ended) return;
    const before = this.#received;
    this.#received += end - start;
    const kept = this.length === -1 ? end : Math.min(end, start + Math.max(0, this.length - before));
    this.#held.add(bytes, start, kept);
    const piece = this.#reader === null ? null : this.#held.take();
    if (piece !== null) this.#settle()?.resolve(piece);
  }

  /** The stream has ended. */
  dataEnded(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.length !== -1 && this.#received !== this.length) {
      this.#error = new GatewayError(
        "TSGI_ERR_FASTCGI_DATA",
        `The file to be filtered is ${this.#received} bytes long, FCGI_DATA_LENGTH says ${this.length}`,
      );
      this.#settle()?.reject(this.#error);
    } else this.#settle()?.resolve(EMPTY);
  }

  /** The web server is gone, or the request over. */
  connectionLost(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#held.clear();
    this.#error = new ClientDisconnected();
    this.#settle()?.reject(this.#error);
  }

  #settle(): Reader | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }
}
