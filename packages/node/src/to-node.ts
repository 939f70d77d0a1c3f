// A portable app as a listener for node:http, https, http2, and every connect-style framework.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { checkApp, checkOptions, runApp, serve, type AsgiApp } from "@tsgi/core";
import { connectionOf } from "./connection.ts";
import { connectionBehind, type ConnectListener, type Front } from "./front.ts";
import { Http1Transport } from "./http1-transport.ts";
import { isTooLate, refuseRequest, setClosingTimes } from "./hang-up.ts";
import { serveHttp2 } from "./http2-serve.ts";
import { directListener } from "./native-app.ts";
import { serveDirectly } from "./native-listener.ts";
import { PassingExchange } from "./passing-exchange.ts";
import { refusalOf } from "./request-checks.ts";
import { NODE_OPTIONS, requestSettings, type NodeOptions, type RequestSettings } from "./request-settings.ts";
import { scopeFromRequest } from "./scope.ts";
import { waitingOn } from "./waiting.ts";

/** A listener of `http.createServer`, `https.createServer`, `http2.createSecureServer`, or a connect-style `app.use`. */
export type NodeListener = (
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
) => void;

type Next = (error?: unknown) => void;

/**
 * Turns an app into a `(req, res)` listener. Lifespan is `serveNode`'s: a bare listener runs none, and passes `state` as given.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * http.createServer(toNode(app)).listen(3000);
 */
export function toNode<State>(app: AsgiApp<State>, options: NodeOptions = {}): NodeListener {
  checkApp(app);
  checkOptions(options, NODE_OPTIONS);
  return nodeListener(app as AsgiApp, requestSettings(options));
}

/**
 * Turns an app into a middleware of a connect-style framework. For adapters; an app's author has theirs, or `toNode`.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option makes no sense.
 */
export function listenerBehind(app: AsgiApp, options: NodeOptions, front: Front): ConnectListener {
  checkApp(app);
  return nodeListener(app, { ...requestSettings(options), front });
}

/** The same, for a server of ours, which keeps hold of the settings. */
export function nodeListener(app: AsgiApp, settings: RequestSettings): NodeListener & ConnectListener {
  const { front } = settings;
  const direct = directListener(app, settings);
  return (
    req: IncomingMessage | Http2ServerRequest,
    res: ServerResponse | Http2ServerResponse,
    next?: Next,
  ) => {
    // A server with ALPN brings both kinds; an HTTP/1 request that says HTTP/2 has no stream.
    if (req.httpVersionMajor === 2 && "stream" in req) {
      serveHttp2(app, req, res as Http2ServerResponse, settings);
      return;
    }
    const request = req as IncomingMessage;
    const response = res as ServerResponse;
    const { socket } = request;
    if (isTooLate(request)) {
      request.resume();
      return;
    }
    setClosingTimes(socket, settings);
    const refusal = refusalOf(request, settings.rules);
    if (refusal !== 0) {
      refuseRequest(response, socket, refusal);
      return;
    }
    if (response.socket === null && waitingOn(socket) >= settings.maxPipelined) {
      refuseRequest(response, socket, 503);
      return;
    }
    if (direct !== null && response.socket !== null) {
      serveDirectly(direct, request, response, settings);
      return;
    }
    const transport = new Http1Transport(request, response, settings);
    const state = settings.state === null ? null : { ...settings.state };
    const connection = front === null ? connectionOf(socket) : connectionBehind(front, request);
    const scope = scopeFromRequest(request, connection, settings.rootPath, state, transport);
    if (front?.passErrors === true && next !== undefined) {
      runApp(app, new PassingExchange(scope, transport, response, next));
      return;
    }
    serve(app, scope, transport);
  };
}
