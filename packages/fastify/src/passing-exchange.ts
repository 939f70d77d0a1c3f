// A request whose app's errors are Fastify's to answer, as long as nothing was sent.
// Source: https://fastify.dev/docs/latest/Reference/Errors/.

import { HttpExchange, ResponseAborted, type HttpScopeInit, type HttpTransport } from "@tsgi/core";
import type { FastifyReply } from "fastify";

/** What a transport of `@tsgi/node` has besides: it lets go of a request that something in front now answers. */
interface GivesBack extends HttpTransport {
  handBack?(): void;
}

/** An exchange that hands errors on. */
export class PassingExchange extends HttpExchange {
  readonly #reply: FastifyReply;

  constructor(scope: HttpScopeInit, transport: HttpTransport, reply: FastifyReply) {
    super(scope, transport);
    this.#reply = reply;
  }

  override fail(error: unknown): void {
    const { state } = this;
    const begun = (state !== "idle" && state !== "held") || this.#reply.raw.headersSent;
    if (begun || this.disconnected || error instanceof ResponseAborted) {
      super.fail(error);
      return;
    }
    // For the app this is the end: what it still sends goes nowhere.
    this.connectionLost();
    (this.transport as GivesBack).handBack?.();
    this.#reply.send(asError(error));
  }
}

/** Fastify takes a value for a payload, and only an error for an error. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("The app threw what is no error", { cause: error });
}
