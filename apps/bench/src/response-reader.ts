// HTTP/1.1 responses: bytes in, "complete" out. As little parsing as can tell where a response ends. No sockets here.
// Source: RFC 9112 §6.3 "Message Body Length", §7.1 "Chunked Transfer Coding".

/** A head or a chunk line longer than this, in bytes, is an error: no server of ours sends one. */
const MAX_LINE = 16_384;

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /;
const CONTENT_LENGTH = /\r\ncontent-length:[ \t]*(\d+)\r\n/i;
const CHUNKED = /\r\ntransfer-encoding:[ \t]*chunked\r\n/i;

/** Reads the responses of one connection that never pipelines. */
export class ResponseReader {
  /** The status of the response being read. */
  status = 0;
  /** How many body bytes of it have come so far, chunk framing not counted. */
  bodyLength = 0;
  /** Its head: status line and fields. */
  head = "";
  /** Body pieces are also put here while it is set. */
  pieces: Buffer[] | undefined;

  #state: "head" | "counted" | "chunk-size" | "chunk" | "chunk-end" | "trailer" = "head";
  #left = 0;
  #unread: Buffer | undefined;

  /**
   * Takes the next bytes of the connection.
   *
   * @returns true when they end the response.
   * @throws Error if they are no response, or go on after its end.
   */
  feed(bytes: Buffer): boolean {
    const chunk = this.#unread === undefined ? bytes : Buffer.concat([this.#unread, bytes]);
    this.#unread = undefined;
    let at = 0;
    for (;;) {
      switch (this.#state) {
        case "head": {
          const end = chunk.indexOf("\r\n\r\n", at);
          if (end === -1) return this.#keep(chunk, at);
          this.#readHead(chunk.toString("latin1", at, end + 2));
          at = end + 4;
          if (this.#state === "head") return this.#complete(chunk, at);
          break;
        }
        case "counted":
          at = this.#take(chunk, at);
          return this.#left === 0 && this.#complete(chunk, at);
        case "chunk-size": {
          const end = chunk.indexOf("\r\n", at);
          if (end === -1) return this.#keep(chunk, at);
          this.#left = chunkSize(chunk.toString("latin1", at, end));
          this.#state = this.#left === 0 ? "trailer" : "chunk";
          at = end + 2;
          break;
        }
        case "chunk":
          at = this.#take(chunk, at);
          if (this.#left > 0) return false;
          this.#state = "chunk-end";
          break;
        case "chunk-end":
          if (chunk.length - at < 2) return this.#keep(chunk, at);
          if (chunk[at] !== 13 || chunk[at + 1] !== 10) throw new Error("A chunk is longer than its size");
          this.#state = "chunk-size";
          at += 2;
          break;
        case "trailer": {
          const end = chunk.indexOf("\r\n", at);
          if (end === -1) return this.#keep(chunk, at);
          const last = end === at;
          at = end + 2;
          if (last) return this.#complete(chunk, at);
          break;
        }
      }
    }
  }

  #readHead(head: string): void {
    const status = STATUS_LINE.exec(head)?.[1];
    if (status === undefined) throw new Error(`No status line: ${JSON.stringify(head.slice(0, 80))}`);
    this.status = Number(status);
    this.head = head;
    this.bodyLength = 0;
    const length = CONTENT_LENGTH.exec(head)?.[1];
    if (length !== undefined) {
      this.#left = Number(length);
      if (this.#left > 0) this.#state = "counted";
      return;
    }
    if (!CHUNKED.test(head)) throw new Error("A response with neither Content-Length nor chunked coding");
    this.#state = "chunk-size";
  }

  #take(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.pieces?.push(chunk.subarray(at, end));
    this.bodyLength += end - at;
    this.#left -= end - at;
    return end;
  }

  #keep(chunk: Buffer, at: number): false {
    if (chunk.length - at > MAX_LINE) throw new Error(`A ${this.#state} of over ${MAX_LINE} bytes`);
    if (at < chunk.length) this.#unread = chunk.subarray(at);
    return false;
  }

  #complete(chunk: Buffer, at: number): true {
    if (at !== chunk.length) throw new Error(`${chunk.length - at} bytes after the end of the response`);
    this.#state = "head";
    return true;
  }
}

function chunkSize(line: string): number {
  if (!/^[\da-f]{1,8}(?:;.*)?$/i.test(line)) throw new Error(`No chunk size: ${JSON.stringify(line)}`);
  return Number.parseInt(line, 16);
}
