// A request body that can be sent a second time, as long as little of it was sent: for a retry on another connection.
// Source: requirement FC19; RFC 9110 §9.2.2.

import type { SizedBody } from "@tsgi/cgi";
import { GatewayError } from "@tsgi/core";

/** How much of a body may have been given for it to be given again, in bytes. */
export const REPLAY_SIZE = 65_536;

/** A body that remembers its beginning. */
export class ReplayBody {
  /** In bytes; 0 if there is none. */
  readonly length: number;
  readonly #body: SizedBody | null;
  readonly #given: Uint8Array[] = [];
  #givenBytes = 0;
  /** One piece at a time is waited for, whoever waits. */
  #pending: Promise<Uint8Array> | null = null;

  constructor(body: SizedBody | null) {
    this.#body = body;
    this.length = body?.length ?? 0;
  }

  /** Whether all that was given is still here. */
  get replayable(): boolean {
    return this.#givenBytes <= REPLAY_SIZE;
  }

  /** Begins at the beginning, which may be done again while it is {@link replayable}; who began before then reads no further. */
  begin(): BodyReading {
    return new BodyReading(this);
  }

  /** For {@link BodyReading}. */
  pieceAt(index: number): Uint8Array | Promise<Uint8Array> {
    return this.#given[index] ?? (this.#pending ??= this.#fetch());
  }

  async #fetch(): Promise<Uint8Array> {
    try {
      const piece = (await this.#body?.next()) ?? null;
      if (piece === null) throw new GatewayError("TSGI_ERR_BODY_TRUNCATED", "The request body was cut short");
      if (this.replayable) this.#given.push(piece);
      this.#givenBytes += piece.length;
      return piece;
    } finally {
      this.#pending = null;
    }
  }
}

/** One way through a body. */
export class BodyReading {
  /** How much is still to come, in bytes. */
  left: number;
  readonly #body: ReplayBody;
  #index = 0;

  constructor(body: ReplayBody) {
    this.#body = body;
    this.left = body.length;
  }

  /**
   * The next piece, while something is {@link left}.
   *
   * @throws what the body's `next` throws, and {@link GatewayError} `TSGI_ERR_BODY_TRUNCATED` if it ends too soon.
   */
  async next(): Promise<Uint8Array> {
    const piece = await this.#body.pieceAt(this.#index);
    this.#index += 1;
    this.left -= piece.length;
    return piece;
  }
}
