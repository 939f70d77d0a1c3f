// The receiving half of an exchange: pieces of the body on demand, then a disconnect, once and for ever.
// Source: ASGI HTTP 2.5 "Request", "Disconnect". Reading is pull: the transport is asked for one piece at a time.

import { EMPTY } from "./bytes.ts";
import type { HttpReceiveEvent } from "./events.ts";
import { roomNextTurn } from "./room.ts";
import type { HttpTransport } from "./transport.ts";

/** The most `receive()` calls of one request that may wait at the same time; a later one gets `http.disconnect`. */
export const MAX_READERS = 1024;

/** A request body being received. */
export class RequestBody {
  readonly #transport: HttpTransport;
  /** More may come; all has come; all was given to the app, or it is over. */
  #state: "open" | "ended" | "done";
  /** A piece that came unasked: with the head, say. At most one, as nothing more is asked for. */
  #early: Uint8Array | null = null;
  #readers: ((event: HttpReceiveEvent) => void)[] = [];
  /** Whether a disconnect was given. */
  #told = false;
  #asking = false;
  #again = false;

  constructor(transport: HttpTransport, state: "open" | "ended") {
    this.#transport = transport;
    this.#state = state;
  }

  /** The next event: a piece, or, when all was given, the disconnect that `over` brings. Several callers are served in order. */
  next(): Promise<HttpReceiveEvent> {
    if (this.#readers.length === 0) {
      const event = this.#ready();
      if (event !== null) return Promise.resolve(event);
    }
    if (this.#readers.length >= MAX_READERS) return Promise.resolve(disconnect());
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      if (this.#state === "open" && this.#readers.length === 1) this.#ask();
    });
  }

  dataReceived(chunk: Uint8Array, last: boolean): void {
    if (this.#state !== "open") return;
    if (chunk.byteLength === 0 && !last) {
      this.#ask();
      return;
    }
    const reader = this.#readers.shift();
    if (reader === undefined) {
      this.#early = chunk;
      if (last) this.#state = "ended";
      return;
    }
    if (last) this.#state = "done";
    reader({ type: "http.request", body: chunk, more_body: !last });
    if (!last && this.#readers.length > 0) this.#ask();
  }

  eofReceived(): void {
    if (this.#state !== "open") return;
    const reader = this.#readers.shift();
    this.#state = reader === undefined ? "ended" : "done";
    reader?.({ type: "http.request", body: EMPTY, more_body: false });
  }

  /** The connection was lost, or the response is complete: whoever waits is told, and nothing more is asked for. */
  over(): void {
    this.#state = "done";
    this.#early = null;
    const readers = this.#readers;
    this.#readers = [];
    if (readers.length > 0) this.#told = true;
    for (const reader of readers) reader(disconnect());
  }

  /** The disconnect: at once, and then in a turn of its own each time, as an app may never stop to ask. */
  gone(): Promise<HttpReceiveEvent> {
    if (this.#told) return roomNextTurn().then(disconnect);
    this.#told = true;
    return Promise.resolve(disconnect());
  }

  /** Asks for a piece. A host may answer before `read` returns: a loop then, because a stack would grow with the body. */
  #ask(): void {
    this.#again = true;
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#again) {
        this.#again = false;
        this.#transport.read();
      }
    } finally {
      this.#asking = false;
    }
  }

  #ready(): HttpReceiveEvent | null {
    const early = this.#early;
    if (early === null && this.#state !== "ended") return null;
    this.#early = null;
    const more = this.#state === "open";
    if (!more) this.#state = "done";
    return { type: "http.request", body: early ?? EMPTY, more_body: more };
  }
}

function disconnect(): HttpReceiveEvent {
  return { type: "http.disconnect" };
}
