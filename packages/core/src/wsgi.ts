// wsgi(): runs a sync app wherever an async one runs.
// Sources: PEP 3333; asgiref's WsgiToAsgi; ASGI HTTP 2.5 "WSGI Compatibility"; Lifespan 2.0.

import { checkApp } from "./check-app.ts";
import { SERVE, type AsgiApp, type Receive, type Send, type ServeDoor, type WsgiApp } from "./app.ts";
import { UnsupportedScopeError } from "./errors.ts";
import { EventOutlet } from "./wsgi-event-outlet.ts";
import { ExchangeOutlet } from "./wsgi-outlet.ts";
import { WsgiRequest } from "./wsgi-request.ts";
import { wsgiSettings, type WsgiOptions } from "./wsgi-settings.ts";

/** Where a wrapped app keeps the sync app it was made of. Registered globally, so that two copies of core understand each other. */
const WSGI_APP = Symbol.for("tsgi.wsgi");

interface WrappedApp extends AsgiApp {
  [WSGI_APP]?: WsgiApp;
}

/**
 * Turns a sync app into an async one. The request body is read before the app is called, as a sync app cannot wait; the
 * pieces of its result are sent as fast as the client takes them. It refuses a WebSocket, and completes a lifespan.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for an option that makes no sense.
 * @example
 * const app = wsgi((environ, startResponse) => {
 *   startResponse("200 OK", [["content-type", "text/plain"]]);
 *   return [`Hello from ${environ.PATH_INFO}\n`];
 * });
 */
export function wsgi(app: WsgiApp, options: WsgiOptions = {}): AsgiApp {
  checkApp(app, "A sync app is a function (environ, startResponse)");
  const settings = wsgiSettings(options);
  const door: ServeDoor = (scope, transport) => {
    new WsgiRequest(app, settings, new ExchangeOutlet(scope, transport)).run();
  };
  const wrapped: WrappedApp = (scope, receive, send) => {
    switch (scope.type) {
      case "http": {
        const outlet = new EventOutlet(scope, receive, send, settings.log);
        new WsgiRequest(app, settings, outlet).run();
        return outlet.done;
      }
      case "websocket":
        return refuseWebSocket(receive, send);
      case "lifespan":
        return completeLifespan(receive, send);
      default:
        throw new UnsupportedScopeError((scope as { type: string }).type);
    }
  };
  wrapped[SERVE] = door;
  wrapped[WSGI_APP] = app;
  return wrapped;
}

/** The sync app inside what {@link wsgi} returned; `null` for another app. A host that speaks PEP 3333 itself can call it directly. */
export function wsgiAppOf(app: AsgiApp): WsgiApp | null {
  return (app as WrappedApp)[WSGI_APP] ?? null;
}

async function refuseWebSocket(receive: Receive, send: Send): Promise<void> {
  await receive();
  await send({ type: "websocket.close" });
}

async function completeLifespan(receive: Receive, send: Send): Promise<void> {
  for (;;) {
    const { type } = await receive();
    if (type === "lifespan.startup") await send({ type: "lifespan.startup.complete" });
    if (type !== "lifespan.shutdown") continue;
    await send({ type: "lifespan.shutdown.complete" });
    return;
  }
}
