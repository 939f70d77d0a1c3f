// What the server's log is told of an app that failed. Source: ASGI 3.0 "Error Handling".

import type { HttpExchange } from "./exchange.ts";
import { errorOf } from "./thrown.ts";

/** Logs an error of a request's app. A log that fails in turn is not the client's business, nor a reason to end the process. */
export function logFailure({ transport, method, path }: HttpExchange, what: string, error: unknown): void {
  try {
    transport.log("error", `${what} at ${method} ${JSON.stringify(path)}`, errorOf(error));
  } catch {}
}
