// HTTP/2 requests, from the compat objects of node:http2.

import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AsgiApp } from "@tsgi/core";
import type { RequestSettings } from "./request-settings.ts";

/** Serves a request of the compat layer on its stream. */
export function serveHttp2(
  _app: AsgiApp,
  _req: Http2ServerRequest,
  res: Http2ServerResponse,
  _settings: RequestSettings,
): void {
  res.writeHead(501).end();
}
