// A request whose app's errors are the business of what is in front, as long as nothing was sent: it gets the pair back.
// Sources: https://expressjs.com/en/guide/error-handling.html, https://fastify.dev/docs/latest/Reference/Errors/.

import { HttpExchange, ResponseAborted, type HttpScopeInit, type HttpTransport } from "@tsgi/core";

/** What the transports of this package have besides: they let go of a request that something in front now answers. */
interface GivesBack extends HttpTransport {
  handBack?(): void;
}

/** An exchange that hands errors on. */
export class PassingExchange extends HttpExchange {
  readonly #res: { readonly headersSent: boolean };
  readonly #next: (error: unknown) => void;

  /** @param next - Takes the error of an app that has sent nothing yet; any other is logged, and cuts the response. */
  constructor(
    scope: HttpScopeInit,
    transport: HttpTransport,
    res: { readonly headersSent: boolean },
    next: (error: unknown) => void,
  ) {
    super(scope, transport);
    this.#res = res;
    this.#next = next;
  }

  override fail(error: unknown): void {
    const { state } = this;
    const begun = (state !== "idle" && state !== "held") || this.#res.headersSent;
    // Who hangs up wants neither an answer nor a handler, and a client that has gone needs none.
    if (begun || this.disconnected || error instanceof ResponseAborted) {
      super.fail(error);
      return;
    }
    // For the app this is the end: what it still sends goes nowhere.
    this.connectionLost();
    (this.transport as GivesBack).handBack?.();
    this.#next(error);
  }
}
