// A request body whose length is known before its first byte is passed on: what CGI programs and FastCGI upstreams must be told.
// Sources: RFC 3875 §4.1.2, §4.2 (a server removes transfer codings); requirements CH9, CH12, FC10.

import {
  ClientDisconnected,
  EMPTY,
  GatewayError,
  type HttpRequestEvent,
  type HttpScopeInit,
  type Receive,
  type Spool,
  type SpoolFactory,
  type SpoolReader,
} from "@tsgi/core";
import { headerValue } from "./header-variables.ts";
import { RequestRefused } from "./request-refused.ts";

/** How much body is taken, and where it is kept. */
export interface BodyRules {
  /** The longest body, in bytes. */
  readonly maxBodySize: number;
  /** The longest body that comes without a Content-Length, in bytes; 0 for none. */
  readonly maxUnsizedBody: number;
  /** How much of a body without a length is kept in memory, in bytes. */
  readonly memoryLimit: number;
  /** Where the rest of it goes. */
  readonly spool: SpoolFactory;
}

/** A body of a known length. */
export interface SizedBody {
  /** In bytes; `null` if there is none. */
  readonly length: number | null;
  /**
   * The next piece; `null` after the last.
   *
   * @throws {@link ClientDisconnected} if the client goes away before its body was complete. {@link GatewayError}
   *   `TSGI_ERR_BODY_TRUNCATED` if it ends too early otherwise.
   */
  next(): Promise<Uint8Array | null>;
  /** Frees what it was kept in. */
  close(): Promise<void>;
}

/**
 * Takes a body. One with a Content-Length is passed on as it comes; of another the end is waited for, because only that tells its
 * length.
 *
 * @throws {@link RequestRefused} 413 for a body that is too long, 411 where a length is demanded, 400 for a length that is none.
 *   {@link ClientDisconnected} if the client goes away meanwhile.
 */
export async function sizedBody(
  scope: HttpScopeInit,
  receive: Receive,
  rules: BodyRules,
): Promise<SizedBody> {
  const declared = headerValue(scope.headers, "content-length");
  if (declared !== null && declared !== "") {
    if (!/^\d{1,15}$/.test(declared)) throw new RequestRefused(400, "Content-Length is no number of bytes");
    const length = Number(declared);
    if (length > rules.maxBodySize) throw tooLong(rules.maxBodySize);
    return length === 0 ? new NoBody(0) : new PassingBody(length, receive);
  }
  const first = await receivePiece(receive);
  if (!first.more && first.bytes.length === 0) return new NoBody(null);
  const limit = Math.min(rules.maxBodySize, rules.maxUnsizedBody);
  if (limit === 0) throw new RequestRefused(411, "The body has no Content-Length");
  const kept = new KeptBody(rules);
  try {
    for (let piece = first; ; piece = await receivePiece(receive)) {
      if (kept.length + piece.bytes.length > limit) throw tooLong(limit);
      await kept.add(piece.bytes);
      if (!piece.more) break;
    }
    await kept.finish();
    return kept;
  } catch (error) {
    // What went wrong first is what is told.
    await kept.close().catch(() => {});
    throw error;
  }
}

function tooLong(limit: number): RequestRefused {
  return new RequestRefused(413, `The body is longer than ${limit} bytes`);
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly more: boolean;
}

async function receivePiece(receive: Receive): Promise<Piece> {
  const event = await receive();
  if (event.type !== "http.request") throw new ClientDisconnected();
  // Other servers may leave out what has a default.
  const { body = EMPTY, more_body: more = false } = event as Partial<HttpRequestEvent>;
  return { bytes: body, more };
}

class NoBody implements SizedBody {
  readonly length: number | null;

  constructor(length: number | null) {
    this.length = length;
  }

  async next(): Promise<null> {
    return null;
  }

  async close(): Promise<void> {}
}

/** As the client sends it, and no byte more than it said. */
class PassingBody implements SizedBody {
  readonly length: number;
  readonly #receive: Receive;
  #left: number;

  constructor(length: number, receive: Receive) {
    this.length = length;
    this.#left = length;
    this.#receive = receive;
  }

  async next(): Promise<Uint8Array | null> {
    while (this.#left > 0) {
      const { bytes, more } = await receivePiece(this.#receive);
      const piece = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
      this.#left -= piece.length;
      // A middleware has taken some of it: what is missing will never come.
      if (!more && this.#left > 0) {
        throw new GatewayError(
          "TSGI_ERR_BODY_TRUNCATED",
          "The request body is shorter than Content-Length says",
        );
      }
      if (piece.length > 0) return piece;
    }
    return null;
  }

  async close(): Promise<void> {}
}

/** How much of a kept body is passed on at a time, in bytes. */
const STEP = 64 * 1024;

/** Read to its end: the first of it in memory, what is longer in a spool. */
class KeptBody implements SizedBody {
  length = 0;
  readonly #rules: BodyRules;
  #pieces: Uint8Array[] = [];
  #inMemory = 0;
  #spool: Spool | null = null;
  #reader: SpoolReader | null = null;
  #position = 0;

  constructor(rules: BodyRules) {
    this.#rules = rules;
  }

  async add(bytes: Uint8Array): Promise<void> {
    this.length += bytes.length;
    if (this.#spool === null && this.#inMemory + bytes.length <= this.#rules.memoryLimit) {
      this.#pieces.push(bytes);
      this.#inMemory += bytes.length;
      return;
    }
    this.#spool ??= this.#rules.spool.open();
    await this.#spool.write(bytes);
  }

  async finish(): Promise<void> {
    this.#reader = this.#spool === null ? null : await this.#spool.finish();
  }

  async next(): Promise<Uint8Array | null> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) return piece;
    const bytes = this.#reader?.readSync(STEP, this.#position) ?? EMPTY;
    this.#position += bytes.length;
    return bytes.length === 0 ? null : bytes;
  }

  async close(): Promise<void> {
    this.#pieces = [];
    await this.#spool?.close();
  }
}
