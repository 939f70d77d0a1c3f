// An app as a FastCGI application: lifespan, listening, requests, and a graceful end.
// Sources: FastCGI 1.0; ASGI lifespan 2.0.

import type { Server } from "node:net";
import { META_OPTIONS } from "@tsgi/cgi";
import { checkApp, checkOptions, type AsgiApp, type Log, type ServerAddress } from "@tsgi/core";
import { gracePeriod, runServer, type ListenWhere, type Shutdown } from "@tsgi/process";
import { FastCgiConnections } from "./connections.ts";
import { listenWhere } from "./listen-where.ts";
import { FASTCGI_OPTIONS, fastCgiSettings, type FastCgiOptions } from "./serve-options.ts";

/** A FastCGI server that serves an app. */
export interface FastCgiServer {
  /** `[host, port]` or `[path, null]`; `null` if the system does not tell, and for a CGI request. */
  readonly address: ServerAddress | null;
  /** Node's server; end it by {@link FastCgiServer.close}, not by its own. `null` for a CGI request. */
  readonly server: Server | null;
  /** Resolves, and never rejects, when everything has ended, however that came. */
  readonly closed: Promise<Shutdown>;
  /** Ends gracefully; a second call gives the same promise. See {@link shutDown} for the order. */
  close(): Promise<Shutdown>;
  [Symbol.asyncDispose](): Promise<void>;
}

const META_NAMES: readonly string[] = Object.keys(META_OPTIONS);

/** What `signals` means: what process managers send, Ctrl-C, and what libfcgi and mod_fcgid end gracefully by. */
const END_SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGUSR1"];

/**
 * Runs an app's startup, and then serves it to web servers that speak FastCGI.
 *
 * Without an address it listens where whoever started the process wants it to: on descriptor 0, if that is a listening socket
 * (spawn-fcgi, lighttpd's `bin-path`, Apache's mod_fcgid), or on the socket systemd passed. Started as a CGI program, it serves that
 * one request by `serveCgi` of `@tsgi/cgi`, and the process ends. On such a socket `signals` are `true` unless the options say
 * otherwise.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for options that make no sense; `TSGI_ERR_LISTEN` if there is nowhere to listen, or
 * the address cannot be had: the lifespan was shut down again; `TSGI_ERR_LIFESPAN` or `TSGI_ERR_LIFESPAN_TIMEOUT` if the startup
 * failed: its message, which is the app's, was logged, and nothing listens.
 * @example
 * const server = await serveFastCgi(app, { path: "/run/app/app.sock", mode: 0o660 });
 */
export async function serveFastCgi<State>(
  app: AsgiApp<State>,
  options: FastCgiOptions = {},
): Promise<FastCgiServer> {
  checkApp(app);
  checkOptions(options, FASTCGI_OPTIONS);
  gracePeriod(options);
  const { authorizer, filter } = options;
  for (const special of [authorizer, filter]) if (special !== undefined) checkApp(special);
  const settings = fastCgiSettings(app as AsgiApp, options, process.env);
  const where = listenWhere(options, process.env);
  if (where === "cgi") return serveAsCgi(app as AsgiApp, options);
  warnIfOpen(options, where, settings.mayConnect !== null, settings.log);
  const connections = new FastCgiConnections(settings);
  const { server } = connections;
  const { activity, log } = settings;
  const parts = {
    server,
    connections,
    activity,
    log,
    endSignals: END_SIGNALS,
    started: (state: object | null): void => {
      settings.state = state;
    },
  };
  // Whoever started the process ends it, too.
  const started = where.fd !== undefined || where.systemd !== undefined;
  const life = { signals: started, ...options, ...where };
  const { address, closed, close } = await runServer(app as AsgiApp, parts, life);
  return {
    address,
    server,
    closed,
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}

/** Whoever may connect can say who the user is. */
function warnIfOpen(options: FastCgiOptions, where: ListenWhere, listed: boolean, log: Log): void {
  const { host = options.host, port } = where;
  if (port === undefined || host === undefined || listed) return;
  if (/^(?:127\.|::1$|::ffff:127\.|localhost$)/i.test(host)) return;
  log(
    "warn",
    `FastCGI listens on ${host} for everybody: whoever connects can claim to be any user. Set webServerAddresses`,
  );
}

/** Loaded only then: a server has no use for it. The process ends with the request. */
async function serveAsCgi(app: AsgiApp, options: FastCgiOptions): Promise<FastCgiServer> {
  const { serveCgi } = await import("@tsgi/cgi/serve-cgi");
  const names = [...META_NAMES, "lifespan", "lifespanStartupTimeout", "lifespanShutdownTimeout", "log"];
  const given = Object.entries(options).filter(([name]) => names.includes(name));
  serveCgi(app, Object.fromEntries(given));
  const closed = new Promise<Shutdown>(() => {});
  const close = (): Promise<Shutdown> => closed;
  return {
    address: null,
    server: null,
    closed,
    close,
    [Symbol.asyncDispose]: async () => void (await closed),
  };
}
