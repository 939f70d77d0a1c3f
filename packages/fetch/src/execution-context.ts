// What a fetch handler gets as its third argument: work that goes on after the response.
// Source: https://developers.cloudflare.com/workers/runtime-apis/context/ (waitUntil, passThroughOnException).

/** The part of a platform's execution context that handlers use everywhere. */
export interface ExecutionContextLike {
  /** Keeps the request alive until the promise is settled; the client does not wait for it. */
  waitUntil(promise: Promise<unknown>): void;
  /** Workers: serves from the origin if the handler throws. Elsewhere it does nothing. */
  passThroughOnException?(): void;
}

const NO_PROPS: Readonly<Record<string, never>> = Object.freeze({});

/** The context of a host that has none: what a handler leaves to it is awaited before the app returns. */
export class OwnExecutionContext implements ExecutionContextLike {
  readonly #failed: (error: unknown) => void;
  #pending: Set<Promise<void>> | null = null;

  /** @param failed - Told what the promises are rejected with. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Workers types have it. */
  get props(): object {
    return NO_PROPS;
  }

  /** Whether there is something to wait for. */
  get busy(): boolean {
    return this.#pending !== null && this.#pending.size > 0;
  }

  waitUntil(promise: Promise<unknown>): void {
    const pending = (this.#pending ??= new Set());
    const settled = Promise.resolve(promise)
      .then(nothing, this.#failed)
      .finally(() => pending.delete(settled));
    pending.add(settled);
  }

  passThroughOnException(): void {}

  /** Resolves when all is settled, what was added meanwhile included. Never rejects. */
  async idle(): Promise<void> {
    while (this.#pending !== null && this.#pending.size > 0) await Promise.all(this.#pending);
  }
}

function nothing(): void {}
