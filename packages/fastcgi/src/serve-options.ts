// The options of serveFastCgi, and what they are when nobody says anything.
// Sources: FastCGI 1.0 §2.2, §3.2, §4.1; requirements F20 to F28, F37, F51, F56, F58, F66.

import { META_OPTIONS, metaSettings, type MetaOptions, type MetaSettings } from "@tsgi/cgi";
import { GatewayError, logToConsole, type AsgiApp, type Log, type OptionNames } from "@tsgi/core";
import { Activity, LIFE_OPTIONS, type ServerLife } from "@tsgi/process";
import { peerCheck, type PeerCheck } from "./web-server-addresses.ts";

/** How much, and for how long, a web server may ask. Times are in milliseconds; 0 turns one off. */
export interface FastCgiLimits {
  /** The most connections at a time; a further one is closed as it comes. GET_VALUES tells it. Default: 10_000. */
  readonly maxConnections?: number;
  /** The most requests at a time; a further one is answered OVERLOADED, which clients see as 502 or 503. Default: 10_000. */
  readonly maxRequests?: number;
  /**
   * The most of them on one connection. GET_VALUES tells the smaller of the two, as web servers take FCGI_MAX_REQS for that.
   * Default: 100.
   */
  readonly maxRequestsPerConnection?: number;
  /** The longest PARAMS stream, in bytes; a longer one is answered 431. Default: 262_144 (256 KiB). */
  readonly maxParamsSize?: number;
  /** The most parameters of a request; one with more is answered 431. Default: 1_000. */
  readonly maxParams?: number;
  /** The longest time to the end of PARAMS; then 408. It fires up to half as long later. Default: 60_000. */
  readonly headersTimeout?: number;
  /**
   * The longest time to the end of the body, and of a filter's data; then 408, or a cut response. It fires up to half as long later.
   * Default: 300_000.
   */
  readonly requestTimeout?: number;
  /** The longest request body, in bytes; a longer one is answered 413. Default: no limit. */
  readonly maxBodySize?: number;
  /**
   * How much of a body is held for an app that does not read it, in bytes, and the FILTER role's data: then the connection is not read
   * from, which holds up all that share it. Default: 262_144 (256 KiB).
   */
  readonly bodyBuffer?: number;
  /** How much of the responses may wait for a slow web server before `send` has its app wait, in bytes. Default: 65_536. */
  readonly highWaterMark?: number;
  /** How long an app may take to return after ABORT_REQUEST; then END_REQUEST leaves without it. Default: 5_000. */
  readonly abortTimeout?: number;
  /** How long a kept connection may have no request. Default: 0: it is the web server's to close. */
  readonly keepAliveTimeout?: number;
  /**
   * How long a connection may stand still, in both directions, even while an app is at work or none is. Default: 0, for ever: how long its
   * client may take is the web server's to say (nginx's `send_timeout`).
   */
  readonly socketTimeout?: number;
  /**
   * How long a connection that has sent its last is still read from after the last that came, and up to 30 times as long in all, so
   * that no reset takes the response with it. Default: 1_000.
   */
  readonly lingerTimeout?: number;
  /**
   * How much is then read and thrown away, in bytes: Caddy and mod_fcgid hear no answer before all of a body is written, and take a
   * reset for a failure of the app. Default: 67_108_864 (64 MiB).
   */
  readonly maxDiscard?: number;
}

/** The options of `serveFastCgi`. */
export interface FastCgiOptions extends Omit<ServerLife, "port">, MetaOptions, FastCgiLimits {
  /**
   * Where to listen, in the words of a web server: `"127.0.0.1:9000"`, `"[::1]:9000"`, `":9000"` (this machine), `"unix:/run/app.sock"`
   * or `"unix:@name"`. In place of `host`, `port` and `path`. Default: what the process was given to listen on, see {@link serveFastCgi}.
   */
  readonly address?: string;
  /** The TCP port; 0 for any free one. Default: 9000, beside a `host`. */
  readonly port?: number;
  /** The app for the authorizer role. Default: none; such a request is answered UNKNOWN_ROLE. */
  readonly authorizer?: AsgiApp;
  /** The app for the filter role. Default: none; such a request is answered UNKNOWN_ROLE. */
  readonly filter?: AsgiApp;
  /**
   * Whether several requests may be at work on one connection. If not, a further one is answered CANT_MPX_CONN. GET_VALUES tells it.
   * Default: `true`.
   */
  readonly multiplexing?: boolean;
  /**
   * Which web servers may connect: IP addresses, or networks (`"10.0.0.0/8"`). All others are closed as they come, and everybody on a
   * unix socket. Whoever may connect can claim to be any user. Default: FCGI_WEB_SERVER_ADDRS of the environment, else
   * `null`: everybody.
   */
  readonly webServerAddresses?: readonly string[] | null;
  /**
   * Whether what is logged of a request goes to the web server too, as STDERR, without stacks: it appears in that one's log.
   * Default: `true`.
   */
  readonly stderr?: boolean;
  /** Where errors of the app and warnings go. Default: standard error, one line each, control characters escaped. */
  readonly log?: Log;
}

const LIMITS: OptionNames<FastCgiLimits> = {
  maxConnections: true,
  maxRequests: true,
  maxRequestsPerConnection: true,
  maxParamsSize: true,
  maxParams: true,
  headersTimeout: true,
  requestTimeout: true,
  maxBodySize: true,
  bodyBuffer: true,
  highWaterMark: true,
  abortTimeout: true,
  keepAliveTimeout: true,
  socketTimeout: true,
  lingerTimeout: true,
  maxDiscard: true,
};

/** The names of {@link FastCgiOptions}. */
export const FASTCGI_OPTIONS: OptionNames<FastCgiOptions> = {
  ...LIFE_OPTIONS,
  ...META_OPTIONS,
  ...LIMITS,
  address: true,
  authorizer: true,
  filter: true,
  multiplexing: true,
  webServerAddresses: true,
  stderr: true,
  log: true,
};

/** The apps of a server, by role. */
export interface RoleApps {
  readonly responder: AsgiApp;
  readonly authorizer: AsgiApp | null;
  readonly filter: AsgiApp | null;
}

/** {@link FastCgiOptions}, checked and complete, as far as connections and requests need them. */
export interface FastCgiSettings extends Required<FastCgiLimits> {
  readonly apps: RoleApps;
  readonly meta: MetaSettings;
  readonly multiplexing: boolean;
  readonly mayConnect: PeerCheck | null;
  readonly stderr: boolean;
  readonly log: Log;
  /** Counts the apps at work. */
  readonly activity: Activity;
  /** What lifespan startup left: each request gets a shallow copy. */
  state: object | null;
}

/**
 * Checks options and fills in the defaults.
 *
 * @param environment - Where FCGI_WEB_SERVER_ADDRS may be.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function fastCgiSettings(
  responder: AsgiApp,
  options: FastCgiOptions,
  environment: Readonly<Record<string, string | undefined>>,
): FastCgiSettings {
  const {
    authorizer = null,
    filter = null,
    multiplexing = true,
    stderr = true,
    log = logToConsole,
  } = options;
  for (const [name, value] of Object.entries({ multiplexing, stderr })) {
    if (typeof value !== "boolean") throw new GatewayError("TSGI_ERR_OPTION", `${name} is true or false`);
  }
  if (typeof log !== "function") throw new GatewayError("TSGI_ERR_OPTION", "log is a function");
  const addresses = options.webServerAddresses ?? environment["FCGI_WEB_SERVER_ADDRS"] ?? null;
  const size = 256 * 1024;
  return {
    maxConnections: count("maxConnections", options.maxConnections ?? 10_000, 1),
    maxRequests: count("maxRequests", options.maxRequests ?? 10_000, 1),
    maxRequestsPerConnection: count("maxRequestsPerConnection", options.maxRequestsPerConnection ?? 100, 1),
    maxParamsSize: count("maxParamsSize", options.maxParamsSize ?? size, 0),
    maxParams: count("maxParams", options.maxParams ?? 1_000, 0),
    headersTimeout: milliseconds("headersTimeout", options.headersTimeout ?? 60_000),
    requestTimeout: milliseconds("requestTimeout", options.requestTimeout ?? 300_000),
    maxBodySize: bytes("maxBodySize", options.maxBodySize ?? Infinity),
    bodyBuffer: count("bodyBuffer", options.bodyBuffer ?? size, 1),
    highWaterMark: count("highWaterMark", options.highWaterMark ?? 64 * 1024, 1),
    abortTimeout: milliseconds("abortTimeout", options.abortTimeout ?? 5_000),
    keepAliveTimeout: milliseconds("keepAliveTimeout", options.keepAliveTimeout ?? 0),
    socketTimeout: milliseconds("socketTimeout", options.socketTimeout ?? 0),
    lingerTimeout: milliseconds("lingerTimeout", options.lingerTimeout ?? 1_000),
    maxDiscard: bytes("maxDiscard", options.maxDiscard ?? 64 * 1024 * 1024),
    apps: { responder, authorizer, filter },
    meta: metaSettings(options),
    multiplexing,
    mayConnect: peerCheck(options.webServerAddresses === null ? null : addresses),
    stderr,
    log: safe(log),
    activity: new Activity(),
    state: null,
  };
}

/** A log that fails is no reason to end the process. */
function safe(log: Log): Log {
  return (level, message, error) => {
    try {
      log(level, message, error);
    } catch {}
  };
}

function count(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw wrong(`${name} is a whole number from ${least} upwards, not ${String(value)}`);
}

function bytes(name: string, value: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw wrong(`${name} is a whole number or Infinity, not ${String(value)}`);
}

/** Node's timers take no more, and fire at once above. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

function milliseconds(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= MAX_MILLISECONDS) return value;
  throw wrong(`${name} is a number of milliseconds up to ${MAX_MILLISECONDS}, not ${String(value)}`);
}

function wrong(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_OPTION", message);
}
