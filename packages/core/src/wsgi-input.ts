// wsgi.input: the buffered request body, from memory or from a spool, read synchronously.
// Source: PEP 3333 "Input and Error Streams".

import { EMPTY } from "./bytes.ts";
import { GatewayError } from "./errors.ts";
import { joined } from "./held-bytes.ts";
import type { InputStream } from "./pep3333.ts";
import type { SpoolReader } from "./spool.ts";

/** How much of a spool is read at a time to find the end of a line, in bytes. */
const WINDOW = 64 * 1024;

/** How much is copied together for a read that falls between two parts: further reads then are views of that. 512 KiB. */
const RUN = 512 * 1024;
const LF = 0x0a;

/** The body of one request. What it gives are views of arrays that nobody writes to again. */
export class BufferedInput implements InputStream {
  /** The part of the body, or of the spool, that is being read. */
  #window: Uint8Array = EMPTY;
  /** How far the window was read. */
  #at = 0;
  /** The bytes of the body behind the window. */
  #behind = 0;
  /** The parts behind the window, if the body is in memory. */
  #parts: Uint8Array[] = [];
  /** Which of them is the next: `shift` would move all others. */
  #next = 0;
  /** Where in the spool the window ends. */
  #position = 0;
  #spool: SpoolReader | null = null;
  #over = false;

  /** The whole body, in memory, in parts of which none is empty; the array is taken over. */
  fillFromMemory(parts: Uint8Array[], size: number): void {
    this.#parts = parts;
    this.#behind = size;
  }

  /** The whole body, in a spool. */
  fillFromSpool(spool: SpoolReader, size: number): void {
    this.#spool = spool;
    this.#behind = size;
  }

  /** The response is done with: the spool may be closed. */
  end(): void {
    this.#over = true;
  }

  read(size?: number): Uint8Array {
    const wanted = Math.min(limit(size), this.#left());
    if (wanted > this.#inWindow()) this.#gather(wanted);
    return this.#take(wanted);
  }

  readline(size?: number): Uint8Array {
    const most = Math.min(limit(size), this.#left());
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < most) {
      if (this.#inWindow() === 0) this.#advance(WINDOW);
      const end = Math.min(this.#inWindow(), most - length);
      const found = this.#window.subarray(this.#at, this.#at + end).indexOf(LF);
      const part = this.#take(found === -1 ? end : found + 1);
      if (found !== -1 && length === 0) return part;
      parts.push(part);
      length += part.length;
      if (found !== -1) break;
    }
    return joined(parts, length);
  }

  readlines(hint?: number): Uint8Array[] {
    const enough = hint === 0 ? Infinity : limit(hint);
    const lines: Uint8Array[] = [];
    let length = 0;
    while (length < enough) {
      const line = this.readline();
      if (line.length === 0) break;
      lines.push(line);
      length += line.length;
    }
    return lines;
  }

  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    for (let line = this.readline(); line.length > 0; line = this.readline()) yield line;
  }

  #inWindow(): number {
    return this.#window.length - this.#at;
  }

  #left(): number {
    return this.#inWindow() + this.#behind;
  }

  #take(size: number): Uint8Array {
    const start = this.#at;
    this.#at += size;
    return this.#window.subarray(start, this.#at);
  }

  /** Has at least `wanted` bytes in the window. What does not lie together is copied, once, and more of it than is wanted. */
  #gather(wanted: number): void {
    if (this.#inWindow() === 0) this.#advance(wanted);
    if (this.#inWindow() >= wanted) return;
    const parts = [this.#take(this.#inWindow())];
    let length = (parts[0] as Uint8Array).length;
    for (const enough = Math.min(Math.max(wanted, RUN), length + this.#behind); length < enough;) {
      this.#advance(enough - length);
      parts.push(this.#window);
      length += this.#window.length;
    }
    this.#window = joined(parts, length);
    this.#at = 0;
  }

  /** The window is used up: takes the next, at least one byte; of a spool, at most `size`. */
  #advance(size: number): void {
    const window = this.#spool === null ? this.#nextPart() : this.#fromSpool(this.#spool, size);
    if (window === undefined || window.length === 0) {
      throw new GatewayError("TSGI_ERR_BODY_TRUNCATED", "The spooled request body is shorter than it was");
    }
    this.#window = window;
    this.#at = 0;
    this.#behind -= window.length;
  }

  #nextPart(): Uint8Array | undefined {
    const part = this.#parts[this.#next];
    // What was read is not held any longer.
    if (part !== undefined) this.#parts[this.#next] = EMPTY;
    this.#next += 1;
    return part;
  }

  #fromSpool(spool: SpoolReader, size: number): Uint8Array {
    if (this.#over) throw new GatewayError("TSGI_ERR_WSGI", "wsgi.input was read after the response");
    const window = spool.readSync(Math.min(size, this.#behind), this.#position);
    this.#position += window.length;
    return window;
  }
}

/** A size argument as a number of bytes: none, `null` or a negative one means "no limit". */
function limit(size: number | null | undefined): number {
  return typeof size === "number" && size >= 0 ? Math.trunc(size) : Infinity;
}
