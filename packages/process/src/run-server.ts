// A server's life: the app's startup, listening, and a graceful end, whatever protocol is spoken.
// Source: ASGI lifespan 2.0.

import type { Server } from "node:net";
import {
  GatewayError,
  startLifespan,
  type AsgiApp,
  type Lifespan,
  type Log,
  type OptionNames,
  type ServerAddress,
} from "@tsgi/core";
import type { Activity } from "./activity.ts";
import { LISTEN_OPTIONS, checkWhere, listen, type Listening, type ListenWhere } from "./listen.ts";
import { shutDown, type Connections, type Shutdown } from "./shutdown.ts";
import { endOnSignals } from "./signals.ts";

/** Where a server listens, and how it begins and ends. */
export interface ServerLife extends ListenWhere {
  /** Whether the app's lifespan is run: see {@link startLifespan}. Default: `"auto"`. */
  readonly lifespan?: "auto" | "on" | "off";
  /** The longest lifespan startup, in milliseconds. Default: 60_000. */
  readonly lifespanStartupTimeout?: number;
  /** The longest lifespan shutdown, in milliseconds. Default: 60_000. */
  readonly lifespanShutdownTimeout?: number;
  /**
   * How long requests that are being served may take after `close()`, in milliseconds; then they are cut.
   * Default: 30_000.
   */
  readonly shutdownTimeout?: number;
  /**
   * Whether signals end the process: the first gracefully, with exit status 0, or 1 if something had to be cut or the
   * lifespan's shutdown failed; the second at once, with 1. Default: `false`.
   */
  readonly signals?: boolean;
}

/** The names of {@link ServerLife}. */
export const LIFE_OPTIONS: OptionNames<ServerLife> = {
  ...LISTEN_OPTIONS,
  lifespan: true,
  lifespanStartupTimeout: true,
  lifespanShutdownTimeout: true,
  shutdownTimeout: true,
  signals: true,
};

/** What is to be run. */
export interface ServerParts {
  readonly server: Server;
  readonly connections: Connections;
  readonly activity: Activity;
  readonly log: Log;
  /** Which signals `signals` means. Default: SIGTERM and SIGINT. */
  readonly endSignals?: readonly NodeJS.Signals[];
  /** Takes what the startup left in `state`, before anything listens; `null` for nothing. */
  readonly started: (state: Record<string, unknown> | null) => void;
}

/** A server that listens. */
export interface RunningServer {
  /** `[host, port]` or `[path, null]`; `null` if the system does not tell. */
  readonly address: ServerAddress | null;
  /** Resolves, and never rejects, when everything has ended, however that came. */
  readonly closed: Promise<Shutdown>;
  /** Ends gracefully; a second call gives the same promise. See {@link shutDown} for the order. */
  close(): Promise<Shutdown>;
}

/**
 * Runs an app's startup, and then listens.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for options that make no sense; `TSGI_ERR_LIFESPAN` or
 * `TSGI_ERR_LIFESPAN_TIMEOUT` if the startup failed: its message, which is the app's, was logged, and nothing listens;
 * `TSGI_ERR_LISTEN` if the address cannot be had: the lifespan was shut down again.
 */
export async function runServer(app: AsgiApp, parts: ServerParts, life: ServerLife): Promise<RunningServer> {
  const { server, connections, activity, log } = parts;
  const grace = gracePeriod(life);
  checkWhere(life);
  const { signals = false } = life;
  if (typeof signals !== "boolean") {
    throw new GatewayError("TSGI_ERR_OPTION", `signals is true or false, not ${JSON.stringify(signals)}`);
  }
  const lifespan = await startUp(app, life, log);
  parts.started(lifespan.state);
  const listening = await listenOrPutAway(server, life, lifespan, log);
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
  if (signals) giveBackSignals = endOnSignals(process, close, parts.endSignals);
  return { address: listening.address, closed, close };
}

/**
 * Checks the grace period, before anything is made.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function gracePeriod({ shutdownTimeout = 30_000 }: ServerLife): number {
  if (shutdownTimeout >= 0 && shutdownTimeout <= 2 ** 31 - 1) return shutdownTimeout;
  const limit = `up to ${2 ** 31 - 1}, not ${shutdownTimeout}`;
  throw new GatewayError("TSGI_ERR_OPTION", `shutdownTimeout is a number of milliseconds ${limit}`);
}

async function startUp(app: AsgiApp, life: ServerLife, log: Log): Promise<Lifespan> {
  try {
    return await startLifespan(app, {
      mode: life.lifespan ?? "auto",
      startupTimeout: life.lifespanStartupTimeout ?? 60_000,
      shutdownTimeout: life.lifespanShutdownTimeout ?? 60_000,
      log,
    });
  } catch (error) {
    const { code, message, cause } = error as GatewayError;
    if (code !== "TSGI_ERR_OPTION") log("error", message, cause);
    throw error;
  }
}

async function listenOrPutAway(
  server: Server,
  where: ListenWhere,
  lifespan: Lifespan,
  log: Log,
): Promise<Listening> {
  try {
    const listening = await listen(server, where);
    // Nothing that happens to the socket that accepts connections may bring the process down (EMFILE, for one).
    server.on("error", (error) => log("error", "The server failed to accept a connection", error));
    return listening;
  } catch (error) {
    await lifespan
      .shutdown()
      .catch((reason: unknown) => log("error", "The lifespan's shutdown failed", reason));
    throw error;
  }
}
