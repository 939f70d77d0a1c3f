// The request body on its way to the app: pulled, a piece at a time, and cut where a test says so.
// Source: core's transport contract (`read`, `dataReceived`, `eofReceived`, `connectionLost`); requirement A29.

import { GatewayError, bytesOf, type Chunk, type HttpExchange } from "@tsgi/core";

/** The most pieces that may wait for the app; one more is refused. */
const MAX_WAITING_PIECES = 1024;

interface Piece {
  readonly bytes: Uint8Array;
  readonly taken: () => void;
}

/** A request body. */
export class Upload {
  #exchange: HttpExchange | null = null;
  #waiting: Piece[] = [];
  #wanted = false;
  #state: "open" | "ended" | "over" = "open";
  /** How many bytes still go out before the client goes away. */
  #left: number;
  readonly #lost: () => void;

  /**
   * @param limit - After how many bytes the client goes away; `Infinity` for never.
   * @param lost - Is called when it does.
   */
  constructor(limit: number, lost: () => void) {
    this.#left = limit;
    this.#lost = lost;
  }

  /** Whether nothing more is wanted: the exchange is over. */
  get over(): boolean {
    return this.#state === "over";
  }

  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    if (this.#state === "ended" && this.#waiting.length === 0) exchange.eofReceived();
  }

  /** The app wants a piece. */
  read(): void {
    this.#wanted = true;
    this.#give();
  }

  /**
   * Adds a piece. An empty one is dropped.
   *
   * @returns A promise that resolves when the app has taken it, or when nobody wants it any more.
   * @throws {@link GatewayError} `TSGI_ERR_SEND_OVERFLOW` if 1024 wait already; `TSGI_ERR_EVENT_ORDER` after the end.
   */
  push(chunk: Chunk): Promise<void> {
    if (this.#state === "over") return Promise.resolve();
    if (this.#state === "ended") {
      throw new GatewayError("TSGI_ERR_EVENT_ORDER", "The request body was ended already");
    }
    if (this.#waiting.length >= MAX_WAITING_PIECES) {
      throw new GatewayError(
        "TSGI_ERR_SEND_OVERFLOW",
        `${MAX_WAITING_PIECES} pieces of the request body wait for the app: await sendBody()`,
      );
    }
    const bytes = bytesOf(chunk);
    if (bytes.byteLength === 0) return Promise.resolve();
    return new Promise((taken) => {
      this.#waiting.push({ bytes, taken });
      this.#give();
    });
  }

  /** Nothing follows. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    if (this.#waiting.length === 0) this.#exchange?.eofReceived();
  }

  /** The exchange is over: nobody waits any more. */
  close(): void {
    this.#state = "over";
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { taken } of waiting) taken();
  }

  #give(): void {
    const exchange = this.#exchange;
    if (!this.#wanted || exchange === null) return;
    if (this.#left === 0) {
      this.#lost();
      return;
    }
    const piece = this.#waiting.shift();
    if (piece === undefined) return;
    this.#wanted = false;
    const isCut = piece.bytes.byteLength > this.#left;
    const bytes = isCut ? piece.bytes.subarray(0, this.#left) : piece.bytes;
    this.#left -= bytes.byteLength;
    const isLast = this.#state === "ended" && this.#waiting.length === 0 && !isCut;
    exchange.dataReceived(bytes, isLast);
    piece.taken();
    if (!isLast && this.#left === 0) this.#lost();
  }
}
