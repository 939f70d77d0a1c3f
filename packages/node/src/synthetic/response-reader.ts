// The bytes of an HTTP/1.1 response, as a ServerResponse or a hijacker writes them, read back: head, body, trailers.
// Source: RFC 9112 §2.2, §6 (body length), §7.1 (chunked). Pieces are passed on, never copied or joined.

import type { Chunk } from "@tsgi/core";
import { notHttp, parseFields, parseHead, type WrittenField, type WrittenHead } from "./written-head.ts";

/** Who is told what was read, in the order it was written. */
export interface ResponseSink {
  /** A 1xx head. */
  interimRead(head: WrittenHead): void;
  headRead(head: WrittenHead): void;
  /** A piece of the body, never empty. */
  dataRead(chunk: Chunk): void;
  /** The response is complete; with the fields after a chunked body, often none. */
  endRead(trailers: readonly WrittenField[]): void;
}

/** The most of a head, a chunk size or trailers that is kept while the rest is awaited, in bytes: 1 MiB. */
export const MAX_UNFINISHED_LINES: number = 1024 * 1024;

const HEAD = 0;
const LENGTH = 1;
const CHUNK_SIZE = 2;
const CHUNK = 3;
const CHUNK_END = 4;
const TRAILERS = 5;
const CLOSE = 6;
const DONE = 7;

const NOTHING: readonly WrittenField[] = [];

/** Reads one response. What follows a complete one is dropped. */
export class ResponseReader {
  readonly #method: string;
  readonly #sink: ResponseSink;
  #state: number = HEAD;
  /** Bytes of the body, or of the chunk, still to come. */
  #owed = 0;
  /** An unfinished head, size line or trailer section, as a binary string. */
  #text = "";

  constructor(method: string, sink: ResponseSink) {
    this.#method = method;
    this.#sink = sink;
  }

  /** Whether the response is complete. */
  get done(): boolean {
    return this.#state === DONE;
  }

  /**
   * Takes a piece of what was written.
   *
   * @param encoding - What a string stands for, as `stream.Writable` has it; not looked at for bytes.
   * @throws {@link GatewayError} `TSGI_ERR_GUEST_RESPONSE` if this is no HTTP/1 response. Nothing more can be read then.
   */
  read(piece: Buffer | string, encoding: BufferEncoding): void {
    let rest: Buffer | string = isText(piece, encoding) ? piece : Buffer.from(piece as string, encoding);
    while (rest.length > 0 && this.#state !== DONE) {
      if (this.#state === LENGTH || this.#state === CHUNK) rest = this.#readOwed(rest, encoding);
      else if (this.#state === CLOSE) {
        this.#sink.dataRead(asChunk(rest, encoding));
        return;
      } else rest = this.#readLines(rest, encoding);
    }
  }

  /** The writer has closed its side: completes a body that ends so. */
  close(): void {
    if (this.#state === CLOSE) this.#end(NOTHING);
  }

  #readOwed(piece: Buffer | string, encoding: BufferEncoding): Buffer | string {
    let chunk = asChunk(piece, encoding);
    const size = typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.byteLength;
    let rest: Buffer | string = "";
    if (size > this.#owed) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
      chunk = bytes.subarray(0, this.#owed);
      rest = bytes.subarray(this.#owed);
      this.#owed = 0;
    } else this.#owed -= size;
    this.#sink.dataRead(chunk);
    if (this.#owed > 0) return rest;
    if (this.#state === LENGTH) this.#end(NOTHING);
    else this.#state = CHUNK_END;
    return rest;
  }

  /** Reads one head, size line, or trailer section, if its end is in this piece. */
  #readLines(piece: Buffer | string, encoding: BufferEncoding): Buffer | string {
    const before = this.#text.length;
    const text = this.#text + (typeof piece === "string" ? piece : piece.toString("latin1"));
    const end = this.#linesEnd(text);
    if (end === -1) {
      if (text.length > MAX_UNFINISHED_LINES) throw notHttp("lines without an end");
      this.#text = text;
      return "";
    }
    this.#text = "";
    this.#linesRead(text.slice(0, end), encoding);
    return typeof piece === "string" ? piece.slice(end - before) : piece.subarray(end - before);
  }

  /** Where the lines awaited are complete, behind their last line end; -1 if they are not. */
  #linesEnd(text: string): number {
    if (this.#state === CHUNK_SIZE || this.#state === CHUNK_END) return text.indexOf("\n") + 1 || -1;
    if (this.#state === TRAILERS && text.startsWith("\r\n")) return 2;
    const blank = text.indexOf("\r\n\r\n");
    return blank === -1 ? -1 : blank + 4;
  }

  #linesRead(text: string, encoding: BufferEncoding): void {
    switch (this.#state) {
      case HEAD:
        // Node writes head and first piece as one string in the body's encoding: what the wire gets is UTF-8 then.
        this.#headRead(
          encoding === "utf8" && Buffer.byteLength(text) !== text.length ? utf8Octets(text) : text,
        );
        break;
      case CHUNK_SIZE:
        this.#owed = chunkSize(text);
        this.#state = this.#owed === 0 ? TRAILERS : CHUNK;
        break;
      case CHUNK_END:
        if (text !== "\r\n" && text !== "\n") throw notHttp("a chunk longer than its size");
        this.#state = CHUNK_SIZE;
        break;
      default:
        this.#end(text === "\r\n" ? NOTHING : parseFields(text));
    }
  }

  #headRead(text: string): void {
    const head = parseHead(text, this.#method);
    const { status, framing } = head;
    if (status < 200) {
      if (status === 101) throw notHttp("a change of protocol, which cannot be passed on");
      this.#sink.interimRead(head);
      return;
    }
    this.#owed = head.length;
    this.#state = framing === "length" ? LENGTH : framing === "chunked" ? CHUNK_SIZE : CLOSE;
    this.#sink.headRead(head);
    if (framing === "none" || (framing === "length" && this.#owed === 0)) this.#end(NOTHING);
  }

  #end(trailers: readonly WrittenField[]): void {
    this.#state = DONE;
    this.#sink.endRead(trailers);
  }
}

/** Whether a string has a character for each character or octet of what it stands for. */
function isText(piece: Buffer | string, encoding: BufferEncoding): boolean {
  return typeof piece !== "string" || encoding === "utf8" || encoding === "latin1" || encoding === "binary";
}

/** A string that is sent as UTF-8 stays a string: hosts know what to do with it. */
function asChunk(piece: Buffer | string, encoding: BufferEncoding): Chunk {
  return typeof piece === "string" && encoding !== "utf8" ? Buffer.from(piece, encoding) : piece;
}

function utf8Octets(text: string): string {
  return Buffer.from(text).toString("latin1");
}

const CHUNK_SIZE_LINE = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;.*)?[\t ]*\r?\n$/;

function chunkSize(line: string): number {
  const size = CHUNK_SIZE_LINE.exec(line)?.[1];
  if (size === undefined) throw notHttp("a chunk without a size");
  return Number.parseInt(size, 16);
}
