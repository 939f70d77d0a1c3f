// An app as a server: lifespan, listening, requests, and a graceful end.
// Source: ASGI lifespan 2.0; https://nodejs.org/docs/latest-v20.x/api/http.html.

import { checkApp, checkOptions, type AsgiApp, type ServerAddress } from "@tsgi/core";
import { gracePeriod, runServer, type Shutdown } from "@tsgi/process";
import { HttpConnections } from "./connections.ts";
import { createServer, type AnyServer } from "./create-server.ts";
import { requestSettings } from "./request-settings.ts";
import { SERVE_OPTIONS, serverLimits, type ServeOptions } from "./serve-options.ts";

/** A server that serves an app. */
export interface NodeServer {
  /** Where it can be reached: `http://127.0.0.1:3000`, `unix:/run/app.sock`, or `null` if the system does not tell. */
  readonly url: string | null;
  /** `[host, port]` or `[path, null]`; `null` if the system does not tell. */
  readonly address: ServerAddress | null;
  /** Node's server; end it by {@link NodeServer.close}, not by its own. */
  readonly server: AnyServer;
  /** Resolves, and never rejects, when everything has ended, however that came. */
  readonly closed: Promise<Shutdown>;
  /** Ends gracefully; a second call gives the same promise. See {@link shutDown} for the order. */
  close(): Promise<Shutdown>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs an app's startup, and then serves it.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for options that make no sense; `TSGI_ERR_LIFESPAN` or
 * `TSGI_ERR_LIFESPAN_TIMEOUT` if the startup failed: its message, which is the app's, was logged, and nothing listens;
 * `TSGI_ERR_LISTEN` if the address cannot be had: the lifespan was shut down again.
 * @example
 * const server = await serveNode(app, { port: 3000 });
 * console.log(server.url);
 */
export async function serveNode<State>(app: AsgiApp<State>, options: ServeOptions = {}): Promise<NodeServer> {
  checkApp(app);
  checkOptions(options, SERVE_OPTIONS);
  const { tls = null } = options;
  gracePeriod(options);
  const { requestTimeout } = serverLimits(options);
  const settings = { ...requestSettings(options), requestTimeout, ownsMessages: true };
  const { activity, log } = settings;
  const server = createServer(app as AsgiApp, options, settings);
  const connections = new HttpConnections(server, tls !== null);
  const started = (state: object | null): void => {
    settings.state = state ?? settings.state;
  };
  const parts = { server, connections, activity, log, started };
  const { address, closed, close } = await runServer(app as AsgiApp, parts, options);
  return {
    url: urlOf(address, tls !== null),
    address,
    server,
    closed,
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}

/** An address one can click on: one that means every address is shown as this machine. */
function urlOf(address: ServerAddress | null, secure: boolean): string | null {
  if (address === null) return null;
  const [host, port] = address;
  if (port === null) return `unix:${host}`;
  const shown = host === "::" || host === "0.0.0.0" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${secure ? "https" : "http"}://${shown}:${port}`;
}
