// An app as a server: lifespan, listening, requests, and a graceful end.
// Source: ASGI lifespan 2.0; https://nodejs.org/docs/latest-v20.x/api/http.html.

import type { Server } from "node:net";
import {
  checkApp,
  checkOptions,
  startLifespan,
  type AsgiApp,
  type GatewayError,
  type Lifespan,
  type ServerAddress,
} from "@tsgi/core";
import { Connections } from "./connections.ts";
import { createServer, type AnyServer } from "./create-server.ts";
import { listen, type Listening } from "./listen.ts";
import { requestSettings, type Log } from "./request-settings.ts";
import { SERVE_OPTIONS, gracePeriod, serverLimits, type ServeOptions } from "./serve-options.ts";
import { shutDown, type Shutdown } from "./shutdown.ts";
import { endOnSignals } from "./signals.ts";

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
  const { tls = null, signals = false } = options;
  const grace = gracePeriod(options);
  const { requestTimeout } = serverLimits(options);
  const settings = { ...requestSettings(options), requestTimeout, ownsMessages: true };
  const { activity, log } = settings;
  const server = createServer(app as AsgiApp, options, settings);
  const connections = new Connections(server, tls !== null);
  const lifespan = await startUp(app as AsgiApp, options, log);
  settings.state = lifespan.state ?? settings.state;
  const listening = await listenOrPutAway(server, options, lifespan, log);
  let giveBackSignals = (): void => {};
  let ended!: (shutdown: Shutdown) => void;
  const closed = new Promise<Shutdown>((resolve) => {
    ended = resolve;
  });
  let closing = false;
  const close = (): Promise<Shutdown> => {
    if (closing) return closed;
    closing = true;
    const running = { listening, connections, activity, lifespan, log };
    void shutDown(running, grace).then((shutdown) => {
      giveBackSignals();
      ended(shutdown);
    });
    return closed;
  };
  if (signals) giveBackSignals = endOnSignals(process, close);
  return {
    url: urlOf(listening.address, tls !== null),
    address: listening.address,
    server,
    closed,
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}

async function startUp(app: AsgiApp, options: ServeOptions, log: Log): Promise<Lifespan> {
  try {
    return await startLifespan(app, {
      mode: options.lifespan ?? "auto",
      startupTimeout: options.lifespanStartupTimeout ?? 60_000,
      shutdownTimeout: options.lifespanShutdownTimeout ?? 60_000,
      log,
    });
  } catch (error) {
    const { code, message, cause } = error as GatewayError;
    if (code !== "TSGI_ERR_OPTION") log("error", message, cause);
    throw error;
  }
}

async function listenOrPutAway(
  server: AnyServer,
  options: ServeOptions,
  lifespan: Lifespan,
  log: Log,
): Promise<Listening> {
  try {
    const listening = await listen(server, options);
    // Nothing that happens to the socket that accepts connections may bring the process down (EMFILE, for one).
    (server as Server).on("error", (error) =>
      log("error", "The server failed to accept a connection", error),
    );
    return listening;
  } catch (error) {
    await lifespan
      .shutdown()
      .catch((reason: unknown) => log("error", "The lifespan's shutdown failed", reason));
    throw error;
  }
}

/** An address one can click on: one that means every address is shown as this machine. */
function urlOf(address: ServerAddress | null, secure: boolean): string | null {
  if (address === null) return null;
  const [host, port] = address;
  if (port === null) return `unix:${host}`;
  const shown = host === "::" || host === "0.0.0.0" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${secure ? "https" : "http"}://${shown}:${port}`;
}
