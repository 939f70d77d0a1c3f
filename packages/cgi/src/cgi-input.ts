// The request body on fd 0: read on demand, waiting or not, and never beyond its length.
// Sources: RFC 3875 §4.2 (CONTENT_LENGTH bytes, no more); requirements C5 to C8; measured: fcgiwrap and mod_cgid take no answer before.

import { read } from "node:fs";
import type { BlockingBody } from "@tsgi/core";
import { isEnd, isNotNow, pauseAfter, readWaiting } from "./fd.ts";

/** The most that is read at a time, in bytes. */
const PIECE = 64 * 1024;

/** How much more is read when nobody asks, and until when. */
export interface ReadLimits {
  /** In bytes. */
  readonly most: number;
  /** In milliseconds. */
  readonly time: number;
}

/** The body of the one request. */
export class CgiInput implements BlockingBody {
  readonly length: number;
  readonly #fd: number;
  /** How many bytes may still be read; Infinity if the end of the input tells. */
  #left: number;
  /** Whether the input ended before its length. */
  #truncated = false;
  /** What was read before it was asked for. */
  #held: Uint8Array[] = [];
  /** Whether a read is on its way: the process cannot exit before it is back. */
  #reading = false;
  /** Who is waiting for a piece. */
  #asked: ((bytes: Uint8Array) => void) | null = null;
  /** What happens to pieces nobody waits for. */
  #keeps = true;
  /** How much may still be read unasked. */
  #unasked = 0;
  /** Called when no more is read unasked. */
  #settled: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param length - See {@link bodyLengthOf}. */
  constructor(fd: number, length: number) {
    this.#fd = fd;
    this.length = length;
    this.#left = length === -1 ? Infinity : length;
  }

  /** Whether nothing more will come from the web server. */
  get ended(): boolean {
    return this.#left === 0;
  }

  /** Whether something is there that was not asked for yet. */
  get holds(): boolean {
    return this.#held.length > 0;
  }

  /** Whether a read is on its way. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Whether the web server has sent less than it announced. */
  get truncated(): boolean {
    return this.#truncated && this.#held.length === 0;
  }

  // ── waiting ───────────────────────────────────────────────────────────────────────────────────────────────────

  readSync(size: number): Uint8Array {
    const held = this.#held[0];
    if (held === undefined) return this.#readWaiting(size);
    if (held.byteLength <= size) this.#held.shift();
    else this.#held[0] = held.subarray(size);
    return held.subarray(0, size);
  }

  /** Reads the rest, as far as the limits go, and keeps it. */
  readAheadSync(limits: ReadLimits): void {
    this.#readRest(limits, (bytes) => this.#held.push(bytes));
  }

  /** Reads the rest, as far as the limits go, and throws it away. */
  discardSync(limits: ReadLimits): void {
    this.#held = [];
    this.#readRest(limits, () => {});
  }

  #readRest({ most, time }: ReadLimits, take: (bytes: Uint8Array) => void): void {
    const until = Date.now() + time;
    for (let left = most; left > 0 && this.#left > 0 && Date.now() <= until;) {
      const bytes = this.#readWaiting(Math.min(PIECE, left));
      left -= bytes.byteLength;
      take(bytes);
    }
  }

  #readWaiting(size: number): Uint8Array {
    const bytes = this.#room(size);
    return this.#taken(bytes, bytes.byteLength === 0 ? 0 : this.#tryWaiting(bytes));
  }

  #tryWaiting(bytes: Uint8Array): number {
    try {
      return readWaiting(this.#fd, bytes);
    } catch {
      // Whatever is wrong with it, nothing more comes from there.
      return 0;
    }
  }

  // ── not waiting ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives the next piece, which is empty at the end. One at a time. */
  read(callback: (bytes: Uint8Array) => void): void {
    const held = this.#held.shift();
    if (held !== undefined || this.#left === 0) {
      callback(held ?? new Uint8Array(0));
      return;
    }
    this.#asked = callback;
    this.#next();
  }

  /** Reads the rest, as far as the limits go, and keeps it. Calls back, perhaps at once. */
  readAhead(limits: ReadLimits, settled: () => void): void {
    this.#unaskedFor(limits, settled);
  }

  /** Reads the rest, as far as the limits go, and throws it away. Calls back, perhaps at once. */
  discard(limits: ReadLimits, settled: () => void): void {
    this.#keeps = false;
    this.#held = [];
    this.#unaskedFor(limits, settled);
  }

  #unaskedFor({ most, time }: ReadLimits, settled: () => void): void {
    this.#settled = settled;
    this.#unasked = most;
    if (this.#left === 0 || most === 0) {
      this.#settle();
      return;
    }
    this.#timer ??= setTimeout(() => this.#settle(), time);
    this.#next();
  }

  #settle(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#unasked = 0;
    const settled = this.#settled;
    this.#settled = null;
    settled?.();
  }

  #next(): void {
    if (this.#reading) return;
    this.#reading = true;
    const bytes = this.#room(this.#asked === null ? this.#unasked : PIECE);
    this.#tryReading(bytes, 0);
  }

  #tryReading(bytes: Uint8Array, tries: number): void {
    read(this.#fd, bytes, 0, bytes.byteLength, null, (error, count) => {
      if (error !== null && isNotNow(error)) {
        setTimeout(() => this.#tryReading(bytes, tries + 1), pauseAfter(tries));
        return;
      }
      this.#reading = false;
      this.#arrived(this.#taken(bytes, error === null || isEnd(error) ? count : 0));
    });
  }

  #arrived(bytes: Uint8Array): void {
    const asked = this.#asked;
    this.#asked = null;
    if (asked !== null) {
      asked(bytes);
    } else {
      this.#unasked -= bytes.byteLength;
      if (this.#keeps && bytes.byteLength > 0) this.#held.push(bytes);
    }
    if (this.#settled === null) return;
    if (this.#left === 0 || this.#unasked <= 0) this.#settle();
    else this.#next();
  }

  // ── both ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #room(size: number): Uint8Array {
    return new Uint8Array(Math.min(size, this.#left, PIECE));
  }

  #taken(bytes: Uint8Array, count: number): Uint8Array {
    if (count > 0) {
      this.#left -= count;
    } else {
      this.#truncated ||= this.#left > 0 && this.#left !== Infinity;
      this.#left = 0;
    }
    return count === bytes.byteLength ? bytes : bytes.subarray(0, count);
  }
}
