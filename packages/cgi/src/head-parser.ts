// The head of what a CGI program or a FastCGI upstream answers: bytes in, lines out, however they are cut. No sockets here.
// Sources: RFC 3875 §6.2, §6.3, §7.2 (lines end in LF or CRLF); requirements CH13, CH14, FC12.

import { EMPTY, GatewayError, latin1Decode } from "@tsgi/core";

/** How long a head may be. */
export interface HeadLimits {
  /** In bytes, with the empty line at its end. */
  readonly maxHeadSize: number;
  /** In lines, without that empty line. */
  readonly maxHeadLines: number;
}

const LF = 0x0a;
const CR = 0x0d;

/** How much room the first copy of a head in pieces gets, in bytes. */
const FIRST_COPY = 1024;

/** Collects the bytes of a head until the empty line. Each byte is looked at once, and copied only if the head comes in pieces. */
export class HeadParser {
  /** What follows the head in the last chunk: a view of it. */
  rest: Uint8Array = EMPTY;
  readonly #limits: HeadLimits;
  #copy: Uint8Array = EMPTY;
  #size = 0;
  #lines = 0;
  /** How long the line is so far, and whether all of it is a CR: such a line is empty as well. */
  #lineLength = 0;
  #onlyCr = false;

  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Whether anything has come. */
  get begun(): boolean {
    return this.#size > 0;
  }

  /**
   * Takes the next bytes.
   *
   * @returns The lines of the head, as binary strings without their ends, when it is complete; until then `null`.
   * @throws {@link GatewayError} `TSGI_ERR_SCRIPT_HEAD` if it is longer than allowed.
   */
  push(chunk: Uint8Array): string[] | null {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LF, start);
      if (end === -1) break;
      const length = this.#lineLength + end - start;
      const empty = length === 0 || (length === 1 && (end > start ? chunk[start] === CR : this.#onlyCr));
      start = end + 1;
      this.#lineLength = 0;
      this.#onlyCr = false;
      if (empty) return this.#complete(chunk, start);
      this.#lines += 1;
      if (this.#lines > this.#limits.maxHeadLines) {
        throw tooLong(`${this.#limits.maxHeadLines} lines`);
      }
    }
    if (start < chunk.length) {
      this.#onlyCr = this.#lineLength === 0 && chunk.length - start === 1 && chunk[start] === CR;
      this.#lineLength += chunk.length - start;
    }
    this.#keep(chunk, chunk.length);
    return null;
  }

  #complete(chunk: Uint8Array, end: number): string[] {
    const whole = this.#size === 0;
    if (!whole) this.#keep(chunk, end);
    else if (end > this.#limits.maxHeadSize) throw tooLong(`${this.#limits.maxHeadSize} bytes`);
    this.rest = end === chunk.length ? EMPTY : chunk.subarray(end);
    const text = latin1Decode(whole ? chunk.subarray(0, end) : this.#copy.subarray(0, this.#size));
    this.#copy = EMPTY;
    const lines = text.split("\n");
    // The empty line, and what stands after its end: nothing.
    lines.length -= 2;
    return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  #keep(chunk: Uint8Array, length: number): void {
    const size = this.#size + length;
    if (size > this.#limits.maxHeadSize) throw tooLong(`${this.#limits.maxHeadSize} bytes`);
    if (size > this.#copy.length) {
      const larger = new Uint8Array(Math.max(FIRST_COPY, size, 2 * this.#copy.length));
      larger.set(this.#copy.subarray(0, this.#size));
      this.#copy = larger;
    }
    this.#copy.set(length === chunk.length ? chunk : chunk.subarray(0, length), this.#size);
    this.#size = size;
  }
}

function tooLong(limit: string): GatewayError {
  return new GatewayError("TSGI_ERR_SCRIPT_HEAD", `The head of the response is longer than ${limit}`);
}
