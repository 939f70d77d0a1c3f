// The bytes of an HTTP/1.1 response, as a ServerResponse or a hijacker writes them, read back: head, body, trailers.
// Source: RFC 9112 §2.2, §4 (status line), §6 (body length), §7.1 (chunked). Pieces are passed on, never copied or joined.

import { GatewayError, type Chunk } from "@tsgi/core";

/** The head of a response, as it was written. */
export interface WrittenHead {
  readonly status: number;
  /** The reason phrase; may be empty. */
  readonly reason: string;
  /** Every field, names in the writer's case, values as binary strings without outer blanks. */
  readonly headers: [name: string, value: string][];
  /** How the end of the body is told. */
  readonly framing: Framing;
}

/** Not at all (HEAD, 204, 304), by Content-Length, by the chunked coding, or by the end of the connection. */
export type Framing = "none" | "length" | "chunked" | "close";

/** Who is told what was read, in the order it was written. */
export interface ResponseSink {
  /** A 1xx head. */
  interimRead(status: number, headers: [name: string, value: string][]): void;
  headRead(head: WrittenHead): void;
  /** A piece of the body, never empty. */
  dataRead(chunk: Chunk): void;
  /** The response is complete; with the fields after a chunked body, often none. */
  endRead(trailers: [name: string, value: string][]): void;
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

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/;
const CHUNKED = /(?:^|[\s,])chunked\s*$/i;
const NOT_ASCII = /[\u0080-\uffff]/;
const NOTHING: [string, string][] = [];

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
    let rest: Buffer | string = piece;
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
    if (this.#state !== CLOSE) return;
    this.#state = DONE;
    this.#sink.endRead(NOTHING);
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
    if (this.#owed === 0) this.#pieceEnded();
    return rest;
  }

  #pieceEnded(): void {
    if (this.#state === CHUNK) {
      this.#state = CHUNK_END;
      return;
    }
    this.#state = DONE;
    this.#sink.endRead(NOTHING);
  }

  /** Reads one head, size line, or trailer section, if its end is in this piece. */
  #readLines(piece: Buffer | string, encoding: BufferEncoding): Buffer | string {
    const before = this.#text.length;
    const text = this.#text + textOf(piece, encoding);
    const end = this.#linesEnd(text);
    if (end === -1) {
      if (text.length > MAX_UNFINISHED_LINES) throw notHttp("lines without an end");
      this.#text = text;
      return "";
    }
    this.#text = "";
    this.#linesRead(text.slice(0, end), encoding);
    return sliceFrom(piece, end - before, encoding);
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
        this.#headRead(encoding !== "latin1" && NOT_ASCII.test(text) ? utf8Octets(text) : text);
        break;
      case CHUNK_SIZE:
        this.#owed = chunkSize(text);
        this.#state = this.#owed === 0 ? TRAILERS : CHUNK;
        break;
      case CHUNK_END:
        if (text.trim() !== "") throw notHttp("a chunk longer than its size");
        this.#state = CHUNK_SIZE;
        break;
      default:
        this.#state = DONE;
        this.#sink.endRead(text === "\r\n" ? NOTHING : fields(text, 0));
    }
  }

  #headRead(text: string): void {
    const lineEnd = text.indexOf("\r\n");
    const line = STATUS_LINE.exec(text.slice(0, lineEnd));
    if (line === null) throw notHttp("no status line");
    const status = Number(line[1]);
    const headers = fields(text, lineEnd + 2);
    if (status === 101) throw notHttp("a change of protocol, which cannot be passed on");
    if (status < 200) {
      this.#sink.interimRead(status, headers);
      return;
    }
    const framing = this.#frame(status, headers);
    this.#sink.headRead({ status, reason: line[2] ?? "", headers, framing });
    if (framing === "none" || (framing === "length" && this.#owed === 0)) {
      this.#state = DONE;
      this.#sink.endRead(NOTHING);
    }
  }

  #frame(status: number, headers: [string, string][]): Framing {
    let framing: Framing = "close";
    for (const [name, value] of headers) {
      if (name.length === 14 && framing !== "chunked" && name.toLowerCase() === "content-length") {
        if (!/^\d{1,15}$/.test(value)) throw notHttp("a Content-Length that is no number");
        framing = "length";
        this.#owed = Number(value);
      } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding" && CHUNKED.test(value)) {
        framing = "chunked";
      }
    }
    if (this.#method === "HEAD" || status === 204 || status === 304) framing = "none";
    this.#state = framing === "length" ? LENGTH : framing === "chunked" ? CHUNK_SIZE : CLOSE;
    return framing;
  }
}

/** A string that is sent as UTF-8 stays a string: hosts know what to do with it. */
function asChunk(piece: Buffer | string, encoding: BufferEncoding): Chunk {
  if (typeof piece !== "string" || encoding === "utf8" || encoding === "utf-8") return piece;
  return Buffer.from(piece, encoding);
}

function textOf(piece: Buffer | string, encoding: BufferEncoding): string {
  if (typeof piece !== "string") return piece.toString("latin1");
  if (encoding === "latin1" || encoding === "binary" || encoding === "utf8") return piece;
  return Buffer.from(piece, encoding).toString("latin1");
}

/** The piece from a place in its text on: the same number of characters as of bytes, unless a byte string was decoded. */
function sliceFrom(piece: Buffer | string, from: number, encoding: BufferEncoding): Buffer | string {
  if (typeof piece !== "string") return piece.subarray(from);
  if (encoding === "latin1" || encoding === "binary" || encoding === "utf8") return piece.slice(from);
  return Buffer.from(piece, encoding).subarray(from);
}

function utf8Octets(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function fields(text: string, from: number): [string, string][] {
  const found: [string, string][] = [];
  let start = from;
  for (;;) {
    const end = text.indexOf("\r\n", start);
    if (end === -1 || end === start) return found;
    const colon = text.indexOf(":", start);
    if (colon === -1 || colon > end) throw notHttp("a header line without a colon");
    found.push([text.slice(start, colon), fieldValue(text, colon + 1, end)]);
    start = end + 2;
  }
}

/** Without outer blanks; not `trim()`, which takes the octet 0xA0 for one. */
function fieldValue(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function chunkSize(line: string): number {
  const size = /^([0-9A-Fa-f]{1,12})(?:[\t ]*;.*)?[\t ]*\r?\n$/.exec(line)?.[1];
  if (size === undefined) throw notHttp("a chunk without a size");
  return Number.parseInt(size, 16);
}

function notHttp(what: string): GatewayError {
  return new GatewayError(
    "TSGI_ERR_GUEST_RESPONSE",
    `The listener wrote what is no HTTP response that can be passed on: ${what}`,
  );
}
