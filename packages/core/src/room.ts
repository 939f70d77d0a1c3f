// Back-pressure as promises: what send() returns.
// Source: ASGI HTTP 2.5 "Response Body"; ASGI 3.0 "Error Handling" (send after a disconnect).

import { GatewayError } from "./errors.ts";
import { nextTurn } from "./wsgi-turn.ts";

/** What `send()` returns while there is room: one promise for all, so that the hot path allocates none. */
export const ROOM: Promise<void> = Promise.resolve();

/**
 * What `send()` returns for a piece that goes nowhere: an empty one, or one of HEAD. No socket ever has an app wait that
 * sends nothing else without end, and no other request would have a turn.
 */
export function roomNextTurn(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

/** The most an app may send while it was told to wait, in bytes; then it is cut off. 16 MiB. */
export const MAX_UNAWAITED_BYTES: number = 16 * 1024 * 1024;

/** A wait for room: one for all who send meanwhile. */
export class Wait {
  readonly promise: Promise<void>;
  /** What was sent during the wait, in bytes (code units for strings). */
  #unawaited = 0;
  resolve!: () => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    void handled(this.promise);
  }

  /**
   * Takes note of what was sent during the wait.
   *
   * @throws {@link GatewayError} `TSGI_ERR_SEND_OVERFLOW` at an app that will not wait.
   */
  add(size: number): void {
    this.#unawaited += size;
    if (this.#unawaited <= MAX_UNAWAITED_BYTES) return;
    throw new GatewayError(
      "TSGI_ERR_SEND_OVERFLOW",
      `The app sent more than ${MAX_UNAWAITED_BYTES} bytes without awaiting send()`,
    );
  }
}

/** A rejected promise that an app may leave unawaited without bringing the process down. */
export function rejected(error: unknown): Promise<void> {
  return handled(Promise.reject(error));
}

/** The same promise: one that an app may leave unawaited, should it be rejected. */
export function handled(promise: Promise<void>): Promise<void> {
  promise.catch(ignore);
  return promise;
}

function ignore(): void {}
