// What a fetch handler gets as its third argument: work that goes on after the response.
// Source: https://developers.cloudflare.com/workers/runtime-apis/context/ (waitUntil, passThroughOnException).

import { errorOf, type HttpScopeInit, type HttpTransport } from "@tsgi/core";

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
  readonly #scope: HttpScopeInit;
  readonly #to: Pick<HttpTransport, "log">;
  #pending: Set<Promise<void>> | null = null;

  /** @param to - Takes a line for each promise that is rejected. */
  constructor(scope: HttpScopeInit, to: Pick<HttpTransport, "log">) {
    this.#scope = scope;
    this.#to = to;
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
      .then(nothing, (error: unknown) => this.#failed(error))
      .finally(() => pending.delete(settled));
    pending.add(settled);
  }

  passThroughOnException(): void {}

  /** Resolves when all is settled, what was added meanwhile included. Never rejects. */
  async idle(): Promise<void> {
    while (this.#pending !== null && this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #failed(error: unknown): void {
    const { method, path } = this.#scope;
    try {
      this.#to.log("error", `Work after ${method} ${JSON.stringify(path)} failed`, errorOf(error));
    } catch {
      // A log that fails is no reason to end the process.
    }
  }
}

function nothing(): void {}
