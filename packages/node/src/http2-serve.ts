// HTTP/2 requests on their way to the app: from a stream of our own server, or from the compat objects of somebody else's.

import type {
  Http2ServerRequest,
  Http2ServerResponse,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import { reasonOf, serve, type AsgiApp } from "@tsgi/core";
import { connectionOfSession, readHeaderList, refusalOfHttp2, scopeFromHttp2 } from "./http2-scope.ts";
import { Http2Transport } from "./http2-transport.ts";
import type { RequestSettings } from "./request-settings.ts";

/** Serves a request of Node's compat layer, on its stream. */
export function serveHttp2(
  app: AsgiApp,
  req: Http2ServerRequest,
  res: Http2ServerResponse,
  settings: RequestSettings,
): void {
  serveStream(app, req.stream, req.rawHeaders, settings, res);
}

/**
 * Serves a request on its stream.
 *
 * @param raw - The header list, flat, pseudo headers included: the fourth argument of the server's `stream` event.
 * @param compat - The compat layer's response, if it made one; else `null`.
 */
export function serveStream(
  app: AsgiApp,
  stream: ServerHttp2Stream,
  raw: readonly string[],
  settings: RequestSettings,
  compat: Http2ServerResponse | null,
): void {
  // A stream that is cut gives an error, at any time from now on. What it means, the exchange hears by `close`.
  stream.on("error", ignore);
  const session = stream.session as ServerHttp2Session | undefined;
  // Lost between its arrival and this turn.
  if (session === undefined || stream.destroyed) return;
  const request = readHeaderList(raw);
  const refusal = refusalOfHttp2(request, settings.rules);
  if (refusal !== 0) {
    refuse(stream, refusal);
    return;
  }
  // The compat layer sends `100 Continue` itself, unless somebody listens for it.
  const awaitsContinue =
    request.expectsContinue && (compat === null || session.server.listenerCount("checkContinue") > 0);
  const body = { bodyLength: request.bodyLength, awaitsContinue };
  const transport = new Http2Transport(stream, body, settings, compat);
  const state = settings.state === null ? null : { ...settings.state };
  serve(app, scopeFromHttp2(request, connectionOfSession(session), settings.rootPath, state), transport);
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  const text = reasonOf(status);
  stream.respond({
    ":status": status,
    "content-type": "text/plain; charset=utf-8",
    "content-length": text.length,
  });
  if (stream.writable) stream.end(text);
  // Whatever body comes with it, nobody reads.
  stream.once("finish", () => stream.close());
}

function ignore(): void {}
