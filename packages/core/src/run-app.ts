// Calls an app and sees its end: a value, a promise, or a throw.
// Source: ASGI 3.0 "Applications": the app is awaited, and returns nothing.

import type { AsgiApp, Receive, Send } from "./app.ts";
import { GatewayError } from "./errors.ts";
import type { HttpExchange } from "./exchange.ts";

/** Runs an app on an exchange. Never throws: what the app throws is reported to the exchange. */
export function runApp(app: AsgiApp, exchange: HttpExchange): void {
  let result: unknown;
  try {
    result = app(exchange.scope, exchange.receive as Receive, exchange.send as Send);
  } catch (error) {
    exchange.appFailed(error);
    return;
  }
  if (!isThenable(result)) {
    returned(exchange, result);
    return;
  }
  result.then(
    (value) => returned(exchange, value),
    (error: unknown) => exchange.appFailed(error),
  );
}

function returned(exchange: HttpExchange, value: unknown): void {
  if (value === undefined) exchange.appReturned();
  else
    exchange.appFailed(
      new GatewayError("TSGI_ERR_RESULT", `An app returns nothing, not a value (${typeof value})`),
    );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
