// A portable app as a listener for node:http, https, http2, and every connect-style framework.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { serve, type AsgiApp } from "@tsgi/core";
import { connectionOf } from "./connection.ts";
import { Http1Transport } from "./http1-transport.ts";
import { requestSettings, type NodeOptions } from "./request-settings.ts";
import { scopeFromRequest } from "./scope.ts";

/** A listener of `http.createServer`, `https.createServer`, `http2.createSecureServer`, or a connect-style `app.use`. */
export type NodeListener = (
  req: IncomingMessage | Http2ServerRequest,
  res: ServerResponse | Http2ServerResponse,
) => void;

/**
 * Turns an app into a `(req, res)` listener. Lifespan is `serveNode`'s: a bare listener runs none, and passes `state` as given.
 *
 * @example
 * http.createServer(toNode(app)).listen(3000);
 */
export function toNode(app: AsgiApp, options: NodeOptions = {}): NodeListener {
  const settings = requestSettings(options);
  return (req, res) => {
    const request = req as IncomingMessage;
    const transport = new Http1Transport(request, res as ServerResponse, settings);
    const state = settings.state === null ? null : { ...settings.state };
    const scope = scopeFromRequest(
      request,
      connectionOf(request.socket),
      settings.rootPath,
      state,
      transport,
    );
    serve(app, scope, transport);
  };
}
