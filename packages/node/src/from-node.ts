// A (req, res) listener (Express, Koa, connect, plain node:http) as an app: with the native pair where the host has one.
// Sources: https://nodejs.org/docs/latest-v20.x/api/http.html; ASGI HTTP 2.5; docs/interface.md "The faster door".

import { IncomingMessage, ServerResponse } from "node:http";
import {
  GatewayError,
  HttpExchange,
  SERVE,
  UnsupportedScopeError,
  checkOptions,
  runApp,
  type AsgiApp,
  type HttpScopeInit,
  type HttpTransport,
  type OptionNames,
} from "@tsgi/core";
import { NATIVE_APP, type NativeApp } from "./native-app.ts";
import { nativePairFor, serveNative } from "./native-listener.ts";
import type { PairSettings, RequestListener } from "./synthetic/pair.ts";
import { servePair } from "./synthetic/serve-pair.ts";

/** The options of {@link fromNode}: those of `http.createServer` that make sense without a server. */
export interface FromNodeOptions {
  /** The class of `req`, unless the server of somebody else has made it. Default: `http.IncomingMessage`. */
  readonly IncomingMessage?: typeof IncomingMessage;
  /** The class of `res`, unless the server of somebody else has made it. Default: `http.ServerResponse`. */
  readonly ServerResponse?: typeof ServerResponse;
  /**
   * How long an ended response waits for the next piece of a request body that its listener still reads, in milliseconds;
   * then the request is aborted. ASGI ends the request with the response; over node:http a listener may go on reading,
   * and its client sees the end at once. Default: 1000.
   */
  readonly lingerTimeout?: number;
}

const OPTIONS: OptionNames<FromNodeOptions> = {
  IncomingMessage: true,
  ServerResponse: true,
  lingerTimeout: true,
};

/**
 * Turns a `(req, res)` listener into an app. On a Node HTTP/1 host, with nothing in between, the listener gets the host's
 * own objects. Elsewhere it gets real instances of the same classes around a socket that exists in memory only.
 *
 * A listener that throws, or whose promise is rejected, gets a 500, or its response is cut. Scopes other than `http` are
 * refused with {@link UnsupportedScopeError}.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the listener is no function, or an option makes no sense.
 * @example
 * const app = express();
 * export default fromNode(app);
 */
export function fromNode(listener: RequestListener, options: FromNodeOptions = {}): AsgiApp {
  if (typeof listener !== "function") {
    throw new GatewayError("TSGI_ERR_OPTION", "fromNode takes a (req, res) function: of Koa, app.callback()");
  }
  checkOptions(options, OPTIONS);
  const settings: PairSettings = { IncomingMessage, ServerResponse, lingerTimeout: 1_000, ...options };
  if (!Number.isInteger(settings.lingerTimeout) || settings.lingerTimeout < 0) {
    throw new GatewayError(
      "TSGI_ERR_OPTION",
      `lingerTimeout is a number of milliseconds, not ${settings.lingerTimeout}`,
    );
  }
  const app: AsgiApp = (scope, receive, send) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    return servePair(listener, settings, scope, receive, send, null);
  };
  app[SERVE] = (scope: HttpScopeInit, transport: HttpTransport): void => {
    const pair = nativePairFor(scope, transport);
    if (pair !== null) {
      serveNative(listener, pair, scope, transport);
      return;
    }
    const exchange = new HttpExchange(scope, transport);
    runApp((own, receive, send) => {
      if (own.type !== "http") throw new UnsupportedScopeError(own.type);
      return servePair(listener, settings, own, receive, send, exchange);
    }, exchange);
  };
  const native: NativeApp = { listener, ...settings };
  return Object.assign(app, { [NATIVE_APP]: native });
}
