// The receiving half of an http connection: pieces of the body, then the disconnect, for ever.
// Source: ASGI www 2.5 "Request" and "Disconnect"; requirements A3, A27, A28, A30, A31, A34.

import { isBytes } from "@tsgi/core";
import { isEventValue, isPlainObject, seen } from "./event-values.ts";
import type { Fault } from "./lint-error.ts";
import type { ScopeFacts } from "./scope.ts";

/** Watches what `receive()` gives in an http scope. */
export class HttpReceiveLint {
  readonly #scope: ScopeFacts;
  readonly #fault: Fault;
  #bytes = 0;
  #bodyOver = false;
  /** Whether `http.disconnect` came. */
  disconnected = false;

  constructor(scope: ScopeFacts, fault: Fault) {
    this.#scope = scope;
    this.#fault = fault;
  }

  /**
   * Checks an event.
   *
   * @param complete - Whether the response is complete.
   */
  received(event: unknown, complete: boolean): void {
    const fault = this.#fault;
    if (!isPlainObject(event) || !isEventValue(event)) {
      fault("A3", `receive() gave ${seen(event)}, which is no event or holds what no event may`);
      return;
    }
    if (event.type === "http.disconnect") {
      if (!complete && !this.disconnected) this.#checkSignal();
      this.disconnected = true;
      return;
    }
    if (event.type !== "http.request") {
      fault("A27", `receive() gave ${seen(event.type)} in an http scope`);
      return;
    }
    if (this.disconnected || this.#bodyOver) {
      const what = this.disconnected ? "http.disconnect" : "the last piece of the body";
      fault("A30", `receive() gave http.request after ${what}`);
      return;
    }
    const { body, more_body: more } = event;
    if (!isBytes(body) || typeof more !== "boolean") {
      fault("A27", `http.request has body and more_body, not ${seen(body)} and ${seen(more)}`);
      return;
    }
    if (more && body.byteLength === 0) fault("A28", "receive() gave an empty piece though more follows");
    this.#bytes += body.byteLength;
    if (more) return;
    this.#bodyOver = true;
    this.#checkLength();
  }

  #checkLength(): void {
    const declared = declaredLength(this.#scope.headers);
    if (declared === -1 || declared === this.#bytes) return;
    this.#fault("A31", `the body ended after ${this.#bytes} of ${declared} bytes, and looks complete`);
  }

  #checkSignal(): void {
    const { signal } = this.#scope;
    if ((signal as { aborted?: unknown } | undefined)?.aborted !== true) {
      this.#fault(
        "A34",
        "http.disconnect came before the response was complete, but scope.signal is not aborted",
      );
    }
  }
}

function declaredLength(headers: unknown): number {
  if (!Array.isArray(headers)) return -1;
  const found = (headers as unknown[]).find(
    (header) => Array.isArray(header) && header[0] === "content-length",
  );
  const value: unknown = (found as unknown[] | undefined)?.[1];
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : -1;
}
