// A socket read on demand: lines and counted octets. While nobody asks, the socket is paused, as a slow client's is.
// Source: node:stream "paused mode".

import type { Socket } from "node:net";

/** The longest line of a response head or chunk, in octets; a longer one is no HTTP. 256 KiB. */
const MAX_LINE = 256 * 1024;

/** Reads a socket on demand. */
export class ByteReader {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  #over = false;
  /** Why the socket failed, if it did; a clean end leaves it `null`. */
  error: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      socket.pause();
      this.#wake?.();
    });
    socket.pause();
    socket.on("error", (error) => {
      this.error ??= error;
      this.#finish();
    });
    socket.on("end", () => this.#finish());
    socket.on("close", () => this.#finish());
  }

  /** One line, which ends with LF, as a binary string with its line end; what is left without one at the end; `null` after it. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#buffer.indexOf(0x0a);
      if (end !== -1) return this.#take(end + 1).toString("latin1");
      if (this.#buffer.length > MAX_LINE) return this.#take(MAX_LINE).toString("latin1");
      if (!(await this.#more())) {
        return this.#buffer.length === 0 ? null : this.#take(this.#buffer.length).toString("latin1");
      }
    }
  }

  /** At least one octet and at most `size`; `null` at the end. */
  async some(size: number): Promise<Buffer | null> {
    if (this.#buffer.length === 0 && !(await this.#more())) return null;
    return this.#take(Math.min(size, this.#buffer.length));
  }

  #take(size: number): Buffer {
    const piece = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(size);
    return piece;
  }

  async #more(): Promise<boolean> {
    const before = this.#buffer.length;
    while (this.#buffer.length === before) {
      if (this.#over) return false;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.resume();
      });
      this.#wake = null;
    }
    return true;
  }

  #finish(): void {
    this.#over = true;
    this.#wake?.();
  }
}
