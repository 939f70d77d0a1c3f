// A request whose app's errors are the business of what is in front, as long as nothing was sent: it gets the pair back.
// Source: https://expressjs.com/en/guide/error-handling.html.

import { HttpExchange, type HttpScopeInit } from "@tsgi/core";
import type { Http1Transport } from "./http1-transport.ts";

/** An exchange that hands errors on. */
export class PassingExchange extends HttpExchange {
  readonly #transport: Http1Transport;
  readonly #next: (error: unknown) => void;

  constructor(scope: HttpScopeInit, transport: Http1Transport, next: (error: unknown) => void) {
    super(scope, transport);
    this.#transport = transport;
    this.#next = next;
  }

  override fail(error: unknown): void {
    const { state } = this;
    const begun = (state !== "idle" && state !== "held") || this.#transport.res.headersSent;
    // What hangs up wants neither an answer nor a handler.
    const hangsUp = (error as { code?: unknown } | null | undefined)?.code === "TSGI_ERR_ABORTED";
    if (begun || hangsUp) {
      super.fail(error);
      return;
    }
    // For the app this is the end: what it still sends goes nowhere.
    this.connectionLost();
    this.#transport.handBack();
    this.#next(error);
  }
}
