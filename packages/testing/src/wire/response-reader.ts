// An HTTP/1 response, octet by octet, as strict as a client may be: what is not exactly HTTP is an error, never a guess.
// Source: RFC 9112 §2 (messages), §4 (status line), §5 (fields), §6.3 (length), §7.1 (chunks).

import type { ByteReader } from "./byte-reader.ts";
import { WireError, type WireField, type WireHead } from "./wire.ts";

// A server may say 1.0 to a client that did, and write a chunk's size with zeros before it.
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3}) ([\t\x20-\x7e\x80-\xff]*)\r\n$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([^\r\n\0]*?)[\t ]*\r\n$/;
const CHUNK_SIZE = /^(0{0,15}[0-9A-Fa-f]{1,13})\r\n$/;
const DIGITS = /^\d+$/;

/** Reads one response: its heads, its body, its trailers. */
export class ResponseReader {
  readonly #reader: ByteReader;
  readonly #method: string;
  #framing: WireHead["framing"] | null = null;
  /** What is left of the length or of the chunk. */
  #left = 0;
  #over = false;
  trailers: readonly WireField[] = [];

  constructor(reader: ByteReader, method: string) {
    this.#reader = reader;
    this.#method = method;
  }

  /** Whether the whole response was read. */
  get over(): boolean {
    return this.#over;
  }

  /** Reads the next head. */
  async head(): Promise<WireHead> {
    const line = await this.#reader.line();
    if (line === null) throw new WireError("closed", "The connection ended before a response began");
    const match = STATUS_LINE.exec(line);
    if (match === null) {
      if (!line.endsWith("\n")) throw this.#cut("within the status line");
      throw new WireError("syntax", `Not a status line: ${JSON.stringify(line)}`);
    }
    const status = Number(match[1]);
    const headers = await this.#fields();
    if (status >= 100 && status < 200 && status !== 101) {
      return { status, reason: match[2] as string, headers, framing: "none" };
    }
    this.#framing = this.#frame(status, headers);
    return { status, reason: match[2] as string, headers, framing: this.#framing };
  }

  /** Reads the next piece of the body; `null` at its end. */
  async read(): Promise<Uint8Array | null> {
    if (this.#framing === null) throw new Error("Read the final head first");
    if (this.#over) return null;
    if (this.#framing === "none") return this.#end();
    if (this.#framing === "chunked" && this.#left === 0) {
      await this.#chunkSize();
      if (this.#left === 0) {
        this.trailers = await this.#fields();
        return this.#end();
      }
    }
    if (this.#framing === "length" && this.#left === 0) return this.#end();
    const piece = await this.#reader.some(this.#framing === "close" ? Infinity : this.#left);
    if (piece === null) {
      if (this.#framing === "close" && this.#reader.error === null) return this.#end();
      throw this.#cut("within the body");
    }
    if (this.#framing === "close") return piece;
    this.#left -= piece.length;
    if (this.#framing === "chunked" && this.#left === 0) await this.#chunkEnd();
    return piece;
  }

  #frame(status: number, headers: readonly WireField[]): WireHead["framing"] {
    const lengths = valuesOf(headers, "content-length");
    const codings = valuesOf(headers, "transfer-encoding");
    if (lengths.length + codings.length > 1) {
      throw new WireError("syntax", "The response is framed twice (RFC 9112 §6.3)");
    }
    if (this.#method === "HEAD" || status === 204 || status === 304) return "none";
    if (codings.length === 1) {
      if (codings[0] !== "chunked")
        throw new WireError("syntax", `Unknown transfer coding: ${String(codings[0])}`);
      return "chunked";
    }
    if (lengths.length === 0) return "close";
    if (!DIGITS.test(lengths[0] as string))
      throw new WireError("syntax", `Not a length: ${String(lengths[0])}`);
    this.#left = Number(lengths[0]);
    return "length";
  }

  async #fields(): Promise<WireField[]> {
    const fields: WireField[] = [];
    for (;;) {
      const line = await this.#reader.line();
      if (line === "\r\n") return fields;
      const match = line === null ? null : FIELD.exec(line);
      if (match !== null) fields.push([match[1] as string, match[2] as string]);
      else if (line?.endsWith("\n") === true)
        throw new WireError("syntax", `Not a field: ${JSON.stringify(line)}`);
      else throw this.#cut("within the fields");
    }
  }

  async #chunkSize(): Promise<void> {
    const line = await this.#reader.line();
    const match = line === null ? null : CHUNK_SIZE.exec(line);
    if (match !== null) this.#left = Number.parseInt(match[1] as string, 16);
    else if (line?.endsWith("\n") === true)
      throw new WireError("syntax", `Not a chunk size: ${JSON.stringify(line)}`);
    else throw this.#cut("before the last chunk");
  }

  async #chunkEnd(): Promise<void> {
    const line = await this.#reader.line();
    if (line === "\r\n") return;
    if (line === null || line === "\r") throw this.#cut("at the end of a chunk");
    throw new WireError("syntax", `A chunk is longer than its size: ${JSON.stringify(line)}`);
  }

  #end(): null {
    this.#over = true;
    return null;
  }

  #cut(where: string): WireError {
    return new WireError("cut", `The connection ended ${where}`, { cause: this.#reader.error });
  }
}

function valuesOf(fields: readonly WireField[], name: string): string[] {
  return fields.filter((field) => field[0].toLowerCase() === name).map((field) => field[1]);
}
