// Bridges that differ from the sound one in what the app gets or gives.

import { wsgi, type AsgiApp, type Environ, type StartResponse, type WsgiApp } from "@tsgi/core";
import { SYNC_BODY_LIMIT } from "../suite/app.ts";
import type { LogSink } from "../suite/log.ts";

/** What an app returns. */
type Pieces = Iterable<Uint8Array | string>;

/** The sound bridge around an app that gets a changed environ and startResponse, and whose result is changed. */
export function syncWith(
  environOf: (environ: Environ) => object = (environ) => environ,
  startOf: (startResponse: StartResponse) => StartResponse = (startResponse) => startResponse,
  resultOf: (result: Pieces, environ: Environ) => Pieces = (result) => result,
): (app: WsgiApp, log: LogSink) => AsgiApp {
  return (app, log) =>
    wsgi(
      (environ, startResponse) =>
        resultOf(app(environOf(environ) as Environ, startOf(startResponse)), environ),
      { maxBodySize: SYNC_BODY_LIMIT, log },
    );
}
