// wsgi.input: the buffered request body, from memory or from a spool, read synchronously.
// Source: PEP 3333 "Input and Error Streams".

import { EMPTY } from "./bytes.ts";
import { GatewayError } from "./errors.ts";
import type { InputStream } from "./pep3333.ts";
import type { SpoolReader } from "./spool.ts";

/** How much of a spool is read at a time to find the end of a line, in bytes. */
const WINDOW = 64 * 1024;
const LF = 0x0a;

/** The body of one request. What it gives are views of arrays that nobody writes to again. */
export class BufferedInput implements InputStream {
  /** What is in memory: the whole body, or the part of the spool read last. */
  #window: Uint8Array = EMPTY;
  /** How far the window was read. */
  #at = 0;
  /** The bytes of the body behind the window. */
  #behind = 0;
  /** Where in the spool the window ends. */
  #position = 0;
  #spool: SpoolReader | null = null;
  #over = false;

  /** The whole body, in memory. */
  fill(body: Uint8Array): void {
    this.#window = body;
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
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < wanted) {
      if (this.#inMemory() === 0) this.#advance(wanted - length);
      const part = this.#take(Math.min(this.#inMemory(), wanted - length));
      parts.push(part);
      length += part.length;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : concatenated(parts, length);
  }

  readline(size?: number): Uint8Array {
    const most = Math.min(limit(size), this.#left());
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < most) {
      if (this.#inMemory() === 0) this.#advance(WINDOW);
      const end = Math.min(this.#inMemory(), most - length);
      const found = this.#window.subarray(this.#at, this.#at + end).indexOf(LF);
      const part = this.#take(found === -1 ? end : found + 1);
      if (found !== -1 && length === 0) return part;
      parts.push(part);
      length += part.length;
      if (found !== -1) break;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : concatenated(parts, length);
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

  #inMemory(): number {
    return this.#window.length - this.#at;
  }

  #left(): number {
    return this.#inMemory() + this.#behind;
  }

  #take(size: number): Uint8Array {
    const start = this.#at;
    this.#at += size;
    return this.#window.subarray(start, this.#at);
  }

  /** The window is used up: reads the next, at least one byte, at most `size`. */
  #advance(size: number): void {
    if (this.#over) throw new GatewayError("TSGI_ERR_WSGI", "wsgi.input was read after the response");
    const window = this.#spool?.readSync(Math.min(size, this.#behind), this.#position) ?? EMPTY;
    if (window.length === 0) {
      throw new GatewayError("TSGI_ERR_BODY_TRUNCATED", "The spooled request body is shorter than it was");
    }
    this.#window = window;
    this.#at = 0;
    this.#position += window.length;
    this.#behind -= window.length;
  }
}

/** A size argument as a number of bytes: none, `null` or a negative one means "no limit". */
function limit(size: number | null | undefined): number {
  if (size === undefined || size === null || size < 0 || Number.isNaN(size)) return Infinity;
  return Math.trunc(size);
}

/** Several arrays as one, in an array of its own. */
export function concatenated(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (length === 0) return EMPTY;
  const all = new Uint8Array(length);
  let filled = 0;
  for (const part of parts) {
    all.set(part, filled);
    filled += part.length;
  }
  return all;
}
