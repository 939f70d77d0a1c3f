// An app as an SCGI server: what serveFastCgi is, for web servers that speak SCGI, with one request a connection.
// Source: SCGI, https://python.ca/scgi/protocol.txt; ASGI lifespan 2.0

import { createServer, type Server, type Socket } from "node:net";
import { checkApp, checkOptions, type AsgiApp, type OptionNames } from "@tsgi/core";
import { gracePeriod, runServer, type Connections } from "@tsgi/process";
import { listenWhere } from "./listen-where.ts";
import { ScgiRequest } from "./scgi-request.ts";
import { serveFastCgi, type FastCgiServer } from "./serve-fastcgi.ts";
import {
  FASTCGI_OPTIONS,
  fastCgiSettings,
  type FastCgiOptions,
  type FastCgiSettings,
} from "./serve-options.ts";

/** What SCGI has no place for. */
const FASTCGI_ONLY = [
  "authorizer",
  "filter",
  "multiplexing",
  "stderr",
  "maxRequests",
  "maxRequestsPerConnection",
  "abortTimeout",
  "keepAliveTimeout",
] as const;

/** The options of `serveScgi`: those of `serveFastCgi`, but for roles, STDERR, and several requests on a connection. */
export type ScgiOptions = Omit<FastCgiOptions, (typeof FASTCGI_ONLY)[number]>;

/** A server that serves an app over SCGI. */
export type ScgiServer = FastCgiServer;

const SCGI_OPTIONS = Object.fromEntries(
  Object.entries(FASTCGI_OPTIONS).filter(([name]) => !(FASTCGI_ONLY as readonly string[]).includes(name)),
) as unknown as OptionNames<ScgiOptions>;

/**
 * Runs an app's startup, and then serves it to web servers that speak SCGI: nginx, Apache's mod_proxy_scgi, lighttpd's mod_scgi. Where it
 * listens, and how it ends, is as with {@link serveFastCgi}.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`, `TSGI_ERR_LISTEN`, `TSGI_ERR_LIFESPAN` and `TSGI_ERR_LIFESPAN_TIMEOUT`, as
 * {@link serveFastCgi} does.
 * @example
 * const server = await serveScgi(app, { path: "/run/app/app.sock", mode: 0o660, scriptName: "" });
 */
export async function serveScgi<State>(app: AsgiApp<State>, options: ScgiOptions = {}): Promise<ScgiServer> {
  checkApp(app);
  checkOptions(options, SCGI_OPTIONS);
  gracePeriod(options);
  const settings = fastCgiSettings(app as AsgiApp, options, process.env);
  const where = listenWhere(options, process.env);
  // Started as a CGI program, it is one.
  if (where === "cgi") return serveFastCgi(app, options);
  const { activity, log, mayConnect } = settings;
  const { host = options.host ?? "127.0.0.1" } = where;
  if (
    where.port !== undefined &&
    mayConnect === null &&
    !/^(?:127\.|::1$|::ffff:127\.|localhost$)/i.test(host)
  ) {
    log(
      "warn",
      `SCGI listens on ${host} for everybody: whoever connects can claim to be any user. Set webServerAddresses`,
    );
  }
  const connections = new ScgiConnections(settings);
  const { server } = connections;
  const started = (state: object | null): void => {
    settings.state = state;
  };
  const parts = { server, connections, activity, log, started };
  const inherited = where.fd !== undefined || where.systemd !== undefined;
  const { address, closed, close } = await runServer(app as AsgiApp, parts, {
    signals: inherited,
    ...options,
    ...where,
  });
  return { address, server, closed, close, [Symbol.asyncDispose]: async () => void (await close()) };
}

/** All connections of a server. */
class ScgiConnections implements Connections {
  readonly server: Server;
  readonly #settings: FastCgiSettings;
  readonly #requests = new Set<ScgiRequest>();
  #draining = false;

  constructor(settings: FastCgiSettings) {
    const { highWaterMark, maxConnections } = settings;
    const options = { allowHalfOpen: true, noDelay: true, highWaterMark };
    this.#settings = settings;
    this.server = createServer(options, (socket) => this.#accept(socket));
    this.server.maxConnections = maxConnections;
  }

  get busy(): number {
    return [...this.#requests].filter((request) => request.busy).length;
  }

  drain(): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const request of this.#requests) request.drain();
    return closed;
  }

  cut(): void {
    for (const request of this.#requests) request.cut();
  }

  #accept(socket: Socket): void {
    const { mayConnect, log } = this.#settings;
    if (mayConnect?.(socket.remoteAddress) === false) {
      log(
        "warn",
        `A connection from ${socket.remoteAddress ?? "nowhere"} was closed: it is none of the web servers' addresses`,
      );
      socket.on("error", () => {}).destroy();
      return;
    }
    const request = new ScgiRequest(socket, this.#settings);
    this.#requests.add(request);
    socket.on("close", () => this.#requests.delete(request));
    if (this.#draining) request.drain();
  }
}
