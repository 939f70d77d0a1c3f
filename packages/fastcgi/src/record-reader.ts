// FastCGI records: bytes in, records out, whichever way they are cut. No sockets here, and nothing is copied.
// Source: FastCGI 1.0 §3.3 "Records".

import { HEADER_LENGTH, VERSION } from "./constants.ts";

/** Takes what a {@link RecordReader} reads. */
export interface RecordSink {
  /**
   * Content of a record: `bytes[start]` up to, not including, `bytes[end]`. The content of a long record comes in pieces as
   * it arrives; a record without content comes as one empty piece. Must not throw.
   *
   * @param length - How long the content of this record is, in bytes: up to 65535.
   * @param offset - How much of it came before: 0 for the first piece. `offset + end - start === length` for the last.
   * @param bytes - As it was pushed: whoever keeps some of it for later copies it.
   */
  record(
    type: number,
    id: number,
    length: number,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void;
}

/** Reads the records of one direction of one connection. Holds no content: at most the 8 bytes of a header. */
export class RecordReader {
  readonly #sink: RecordSink;
  /** The header that is being read, as far as it came. */
  readonly #header = new Uint8Array(HEADER_LENGTH);
  #headerLength = 0;
  #type = 0;
  #id = 0;
  #length = 0;
  #offset = 0;
  /** How much content, and then padding, is still to come. */
  #content = 0;
  #padding = 0;
  #over = false;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  /** Whether the last byte pushed was the last of a record: nothing is half read. */
  get atBoundary(): boolean {
    return this.#headerLength === 0 && this.#content === 0 && this.#padding === 0;
  }

  /** Reads no more, not even the rest of what was pushed; to be called from within `record` too. */
  stop(): void {
    this.#over = true;
  }

  /**
   * Reads some bytes.
   *
   * @param length - How many of them: by default all.
   * @returns `false` if they are no FastCGI 1: nothing further is read, and the connection is of no use.
   */
  push(bytes: Uint8Array, length: number = bytes.length): boolean {
    let at = 0;
    while (at < length && !this.#over) {
      if (this.#content > 0) at = this.#pushContent(bytes, at, length);
      else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, length - at);
        this.#padding -= skipped;
        at += skipped;
      } else if (this.#headerLength > 0 || length - at < HEADER_LENGTH) {
        if (this.#headerLength === 0 && bytes[at] !== VERSION) return this.#refuse();
        this.#header[this.#headerLength] = bytes[at] as number;
        this.#headerLength += 1;
        at += 1;
        if (this.#headerLength === HEADER_LENGTH) {
          this.#headerLength = 0;
          this.#begin(this.#header, 0, bytes, at);
        }
      } else {
        if (bytes[at] !== VERSION) return this.#refuse();
        at += HEADER_LENGTH;
        this.#begin(bytes, at - HEADER_LENGTH, bytes, at);
      }
    }
    return true;
  }

  /** Reads the header at `from`; a record without content is complete with it. */
  #begin(header: Uint8Array, from: number, bytes: Uint8Array, at: number): void {
    this.#type = header[from + 1] as number;
    this.#id = ((header[from + 2] as number) << 8) | (header[from + 3] as number);
    this.#length = this.#content = ((header[from + 4] as number) << 8) | (header[from + 5] as number);
    this.#padding = header[from + 6] as number;
    this.#offset = 0;
    if (this.#length === 0) this.#sink.record(this.#type, this.#id, 0, 0, bytes, at, at);
  }

  #pushContent(bytes: Uint8Array, at: number, length: number): number {
    const end = Math.min(at + this.#content, length);
    const offset = this.#offset;
    this.#offset += end - at;
    this.#content -= end - at;
    this.#sink.record(this.#type, this.#id, this.#length, offset, bytes, at, end);
    return end;
  }

  #refuse(): false {
    this.#over = true;
    return false;
  }
}
