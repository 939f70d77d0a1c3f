// A request that is under way: a test sends its body, reads its response, waits, pauses and goes away, step by step.

import { ClientDisconnected, GatewayError, type Chunk } from "@tsgi/core";
import type { MemoryTransport, TestHead, TestLogLine } from "./memory-transport.ts";
import type { TestField } from "./fields.ts";
import { EventStreamDecoder, type ServerSentEvent } from "./server-sent-events.ts";
import { TestResponse } from "./test-response.ts";

/** How a {@link TestExchange} behaves. */
export interface TestExchangeOptions {
  readonly transport: MemoryTransport;
  readonly raiseAppErrors: boolean;
  /** The longest body that {@link TestExchange.response} collects, in bytes. */
  readonly maxResponseSize: number;
  /** Filled while the exchange goes on. */
  readonly debug: readonly Readonly<Record<string, unknown>>[];
}

/** One request and its response, live. */
export class TestExchange {
  readonly #transport: MemoryTransport;
  readonly #raiseAppErrors: boolean;
  readonly #maxResponseSize: number;
  readonly #debug: readonly Readonly<Record<string, unknown>>[];
  #headsRead = 0;

  /**
   * The final head.
   *
   * @throws {@link ClientDisconnected} if the client went away before it came.
   */
  readonly head: Promise<TestHead>;
  /** Resolves when the app is done with the request: it has returned or thrown. */
  readonly done: Promise<void>;

  constructor({ transport, raiseAppErrors, maxResponseSize, debug }: TestExchangeOptions) {
    this.#transport = transport;
    this.#raiseAppErrors = raiseAppErrors;
    this.#maxResponseSize = maxResponseSize;
    this.#debug = debug;
    this.done = transport.done;
    this.head = this.#finalHead();
    this.head.catch(() => {});
  }

  /** The 1xx heads that came so far. */
  get informational(): readonly TestHead[] {
    return this.#transport.informational;
  }

  /** The fields after the body, once they have come; else `null`. */
  get trailers(): readonly TestField[] | null {
    return this.#transport.trailers;
  }

  /** What the app has sent as `http.response.debug` so far. */
  get debug(): readonly Readonly<Record<string, unknown>>[] {
    return this.#debug;
  }

  /** What the server has logged for this request so far. */
  get log(): readonly TestLogLine[] {
    return this.#transport.lines;
  }

  /** Bytes of the response that the app has sent and the test has not read. */
  get buffered(): number {
    return this.#transport.download.buffered;
  }

  /** Whether the response came to its end. */
  get complete(): boolean {
    return this.#transport.download.ended;
  }

  // ── the request body ──────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends a piece of the request body; an empty one is dropped.
   *
   * @returns A promise that resolves when the app has taken the piece, or when nobody wants it any more.
   */
  sendBody(chunk: Chunk): Promise<void> {
    return this.#transport.upload.push(chunk);
  }

  /** Ends the request body. */
  endBody(): void {
    this.#transport.upload.end();
  }

  // ── the response ──────────────────────────────────────────────────────────────────────────────────────────────

  /** The next head: interim ones first, one for each call, then the final one, again and again. */
  async nextHead(): Promise<TestHead> {
    await this.#transport.until(this.#headsRead + 1);
    const interim = this.#transport.informational[this.#headsRead];
    if (interim === undefined) return this.head;
    this.#headsRead += 1;
    return interim;
  }

  /** The next piece of the response body, `null` at its end; rejects where the response was cut. */
  read(): Promise<Uint8Array | null> {
    return this.#transport.download.take();
  }

  /** The pieces of the response body as they come. To stop early does not disconnect. */
  get pieces(): AsyncIterableIterator<Uint8Array> {
    return piecesOf(this.#transport);
  }

  /** The server-sent events of the response body as they come. */
  async *serverSentEvents(): AsyncGenerator<ServerSentEvent, void, undefined> {
    const decoder = new EventStreamDecoder();
    for await (const piece of this.pieces) yield* decoder.decode(piece);
  }

  /** Stops reading, as a slow client does: what the app sends fills the buffer, and then `send()` waits. */
  pause(): void {
    this.#transport.download.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#transport.download.resume();
  }

  /** The client goes away. After a complete response this is no news to the app. */
  disconnect(): void {
    this.#transport.disconnect();
  }

  /**
   * Reads the rest, and waits until the app is done.
   *
   * @throws What the app threw, unless `raiseAppErrors` is off; {@link ClientDisconnected} if the client went away before
   * a head came; {@link GatewayError} `TSGI_ERR_BODY_TOO_LARGE` if there is more than `maxResponseSize`.
   */
  async response(): Promise<TestResponse> {
    const body = await this.#collect();
    await this.done;
    this.#raise();
    const transport = this.#transport;
    return new TestResponse({
      head: await this.head,
      body,
      informational: transport.informational,
      trailers: transport.trailers,
      complete: this.complete,
      close: transport.responseHead?.close === true,
      debug: this.#debug,
      log: transport.lines,
    });
  }

  async #collect(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const piece of this.pieces) {
        size += piece.byteLength;
        if (size > this.#maxResponseSize) throw this.#tooLarge();
        pieces.push(piece);
      }
    } catch (error) {
      // A cut response is told by `complete`.
      if (!this.#transport.download.cut || isTooLarge(error)) throw error;
    }
    return joined(pieces, size);
  }

  #tooLarge(): GatewayError {
    this.disconnect();
    return new GatewayError(
      "TSGI_ERR_BODY_TOO_LARGE",
      `The response has more than ${this.#maxResponseSize} bytes: read it by open(), or raise maxResponseSize`,
    );
  }

  async #finalHead(): Promise<TestHead> {
    await this.#transport.until(Infinity);
    const { head } = this.#transport;
    if (head !== null) return head;
    throw new ClientDisconnected("The client went away before a response came");
  }

  #raise(): void {
    if (!this.#raiseAppErrors) return;
    const line = this.#transport.lines.find(({ level, error }) => level === "error" && error !== undefined);
    if (line !== undefined) throw line.error;
  }
}

async function* piecesOf(transport: MemoryTransport): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const piece = await transport.download.take();
    if (piece === null) return;
    yield piece;
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof GatewayError && error.code === "TSGI_ERR_BODY_TOO_LARGE";
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const body = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    body.set(piece, offset);
    offset += piece.byteLength;
  }
  return body;
}
