// The body of a Request for its transport: from its stream, or, if the Request is one of ours, from what is behind that.
// Source: WHATWG Streams "ReadableStreamDefaultReader".

import { ClientDisconnected, type Receive } from "@tsgi/core";
import { takeBody } from "./make-request.ts";

/** A piece, and whether it is the last; `null` at an end without a piece. */
export interface Piece {
  readonly bytes: Uint8Array | null;
  readonly last: boolean;
}

/** Gives a body piece by piece. */
export interface BodyReader {
  /** Rejects if the client goes away before the end. */
  read(): Promise<Piece>;
  cancel(): void;
}

/** The reader of an unread body; `null` if somebody has read it, or is reading it. */
export function bodyReader(request: Request): BodyReader | null {
  const receive = takeBody(request);
  if (receive !== null) return new ReceiveReader(receive);
  const { body } = request;
  return body === null || request.bodyUsed || body.locked ? null : new StreamReader(body);
}

class StreamReader implements BodyReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  async read(): Promise<Piece> {
    const { done, value } = await this.#reader.read();
    return done ? END : { bytes: value, last: false };
  }

  cancel(): void {
    this.#reader.cancel().catch(ignore);
  }
}

const END: Piece = { bytes: null, last: true };

class ReceiveReader implements BodyReader {
  readonly #receive: Receive;

  constructor(receive: Receive) {
    this.#receive = receive;
  }

  async read(): Promise<Piece> {
    const event = await this.#receive();
    if (event.type !== "http.request") throw new ClientDisconnected();
    return { bytes: event.body, last: !event.more_body };
  }

  cancel(): void {}
}

function ignore(): void {}
