// What is given as an app is one, said where it is given and not at the first request.

import { GatewayError } from "./errors.ts";

/**
 * Checks that something can be called as an app.
 *
 * @param kind - What it should be, with its signature, for the message.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function checkApp(app: unknown, kind: string = "An app is a function (scope, receive, send)"): void {
  if (typeof app === "function") return;
  throw new GatewayError("TSGI_ERR_OPTION", `${kind}, not ${app === null ? "null" : typeof app}`);
}
