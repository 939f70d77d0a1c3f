// What an app sends while a file of its own is on its way: it waits, in order.
// Source: ASGI extensions, "Path Send", "Zero Copy Send"; ASGI HTTP 2.5 "Response Body" (events take effect in their order).

import { GatewayError } from "./errors.ts";
import { handled } from "./room.ts";

/** The most events of one response that may wait behind a file. */
export const MAX_QUEUED_SENDS = 1024;

/** Events in the order they were sent, each carried out when the one before it has come to its end. */
export class SendQueue {
  /** Never rejected. */
  #tail: Promise<unknown>;
  #waiting = 0;
  readonly #failed: (error: unknown) => void;

  /**
   * @param work - What is waited for first.
   * @param failed - Told every error: of the work, and of the events, which nobody need be waiting for.
   */
  constructor(work: Promise<void>, failed: (error: unknown) => void) {
    this.#failed = failed;
    this.#tail = Promise.resolve();
    this.#follow(work);
  }

  /** Whether something that was sent is not carried out yet. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Resolves when all is carried out that was sent before. */
  get idle(): Promise<unknown> {
    return this.#tail;
  }

  /**
   * Carries an event out in its turn.
   *
   * @returns A promise that may be left unawaited.
   * @throws {@link GatewayError} `TSGI_ERR_SEND_OVERFLOW` if {@link MAX_QUEUED_SENDS} wait already.
   */
  add(event: () => Promise<void>): Promise<void> {
    if (this.#waiting > MAX_QUEUED_SENDS) {
      throw new GatewayError(
        "TSGI_ERR_SEND_OVERFLOW",
        `The app sent more than ${MAX_QUEUED_SENDS} events behind a file without awaiting send()`,
      );
    }
    const done = this.#tail.then(event);
    this.#follow(done);
    return handled(done);
  }

  #follow(work: Promise<void>): void {
    this.#waiting += 1;
    this.#tail = work.then(
      () => {
        this.#waiting -= 1;
      },
      (error: unknown) => {
        this.#waiting -= 1;
        this.#failed(error);
      },
    );
  }
}
