// Keeps what an app sends as http.response.debug, on its way to the exchange.
// Source: ASGI extensions, "Debug"; requirement A57.

import type { AsgiApp } from "@tsgi/core";

/** An app whose debug events are kept once the server has taken them. */
export function recordingDebug(app: AsgiApp, kept: Readonly<Record<string, unknown>>[]): AsgiApp {
  return (scope, receive, send) =>
    app(scope, receive, (event) => {
      const sent = send(event);
      if (event?.type !== "http.response.debug") return sent;
      return sent.then(() => {
        kept.push(event.info);
      });
    });
}
