// Errors of the app for Fastify's error handler, as long as nothing was sent.
// Source: https://fastify.dev/docs/latest/Reference/Errors/.

import { once } from "node:events";
import { ClientDisconnected, ResponseAborted, type AsgiApp } from "@tsgi/core";
import type { FastifyReply } from "fastify";

/** The app, with what it throws in time sent by Fastify. The app's promise then ends with Fastify's response. */
export function passingErrors(app: AsgiApp, reply: FastifyReply): AsgiApp {
  return async (scope, receive, send) => {
    try {
      await app(scope, receive, send);
    } catch (error) {
      const { raw } = reply;
      const gone = error instanceof ClientDisconnected || error instanceof ResponseAborted;
      if (gone || raw.headersSent || raw.destroyed) throw error;
      const closed = once(raw, "close");
      reply.send(asError(error));
      await closed;
      // What the app left of the body would stop the next request of the connection.
      reply.request.raw.removeAllListeners("data").resume();
    }
  };
}

/** Fastify takes a value for a payload, and only an error for an error. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("The app threw what is no error", { cause: error });
}
