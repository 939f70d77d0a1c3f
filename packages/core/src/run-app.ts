// Calls an app and sees its end: a value, a promise, or a throw.
// Source: ASGI 3.0 "Applications": the app is awaited, and returns nothing.

import type { AsgiApp } from "./app.ts";
import { GatewayError } from "./errors.ts";
import type { HttpExchange } from "./exchange.ts";

/** Runs an app on an exchange. Never throws: what the app throws is reported to the exchange. */
export function runApp(app: AsgiApp, exchange: HttpExchange): void {
  let result: unknown;
  try {
    result = app(exchange.scope, exchange.receive, exchange.send);
  } catch (error) {
    exchange.appFailed(error);
    return;
  }
  if (result === undefined) exchange.appReturned();
  else void settle(exchange, result);
}

/** Awaits rather than calls `then`: that holds for every thenable, whatever it calls, however often, and throws. */
async function settle(exchange: HttpExchange, result: unknown): Promise<void> {
  let value: unknown;
  try {
    value = await result;
  } catch (error) {
    exchange.appFailed(error);
    return;
  }
  if (value === undefined) exchange.appReturned();
  else
    exchange.appFailed(
      new GatewayError("TSGI_ERR_RESULT", `An app returns nothing, not a value (${typeof value})`),
    );
}
