// Where a guest's response goes: the exchange itself, or the events of ASGI where a middleware stands in between.
// Source: ASGI HTTP 2.5 "Response Start", "Response Body".

import { ROOM, type Chunk, type Send } from "@tsgi/core";

/** The fields of a response, as pairs. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** What a response is written to. */
export interface Outlet {
  /** Whether a piece has gone, or failed, when `write` returns: its promise is about room only. */
  readonly isImmediate: boolean;
  /** Takes the head. */
  start(status: number, fields: Fields, reason: string | null): void;
  /** Takes a piece of the body; resolves when there is room for the next. May throw as well as reject. */
  write(chunk: Chunk, more: boolean): Promise<void>;
}

/** The events of an app. */
export class SendOutlet implements Outlet {
  readonly isImmediate = false;
  readonly #send: Send;
  #started: Promise<void> = ROOM;

  constructor(send: Send) {
    this.#send = send;
  }

  start(status: number, headers: Fields, reason: string | null): void {
    this.#started = this.#send({ type: "http.response.start", status, headers, reason });
    this.#started.catch(ignore);
  }

  async write(body: Chunk, more: boolean): Promise<void> {
    await this.#started;
    await this.#send({ type: "http.response.body", body, more_body: more });
  }
}

function ignore(): void {}
