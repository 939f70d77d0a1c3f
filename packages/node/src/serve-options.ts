// The options of a server, and what they are when nobody says anything.
// Sources: https://nodejs.org/docs/latest-v20.x/api/http.html, http2.html, tls.html; RFC 9112 §9.5 (timeouts).

import type { SecureServerOptions } from "node:http2";
import type { TlsOptions } from "node:tls";
import { GatewayError, type OptionNames } from "@tsgi/core";
import { LIFE_OPTIONS, type ServerLife } from "@tsgi/process";
import { NODE_OPTIONS, type NodeOptions } from "./request-settings.ts";

/** How much, and for how long, a client may ask of a server. Times are in milliseconds; 0 turns a limit off. */
export interface ServerLimits {
  /** The longest time from a connection's, or a request's, first byte to the end of its head; then 408. Default: 60_000. */
  readonly headersTimeout?: number;
  /** The longest time to the end of its body; then 408. Default: 300_000. */
  readonly requestTimeout?: number;
  /** How long a connection may wait for its next request. Default: 5_000. An HTTP/2 one: 60_000, see `http2Options`. */
  readonly keepAliveTimeout?: number;
  /** How often the three timeouts above are looked at: they fire up to so much later. Default: 5_000. */
  readonly connectionsCheckingInterval?: number;
  /** How long a connection may stand still, in both directions, even while an app is at work. Default: 0, for ever. */
  readonly socketTimeout?: number;
  /** The most requests on one HTTP/1 connection; a further one is answered 503. Default: 0, no limit. */
  readonly maxRequestsPerSocket?: number;
  /** The most connections at a time; a further one is closed as it comes. Default: 0, no limit. */
  readonly maxConnections?: number;
  /**
   * How much of a response may wait for a slow client before `send` has its app wait, and of a request for a slow app before
   * the client has to, in bytes. On plain HTTP/1: TLS and HTTP/2 have Node's own marks. Default: 65_536, on Node 20 too,
   * where Node's own is 16_384.
   */
  readonly highWaterMark?: number;
}

/** What of node:http2 can be set: `maxSessionMemory`, `maxSessionInvalidFrames`, `settings.maxConcurrentStreams`… */
export interface Http2Limits extends Omit<
  SecureServerOptions,
  keyof TlsOptions | "allowHTTP1" | "maxHeaderListPairs"
> {
  /** How long a session without streams is kept, in milliseconds; 0 for ever. Default: 60_000. */
  readonly idleTimeout?: number;
}

/** The options of `serveNode`. */
export interface ServeOptions extends NodeOptions, ServerLife, ServerLimits {
  /**
   * Serves https with these options of node:tls: `key`, `cert`, `ca`, `requestCert`, `rejectUnauthorized`, `minVersion`,
   * and so on. Default: `null`, which is http.
   */
  readonly tls?: TlsOptions | null;
  /**
   * `true`: HTTP/2 by ALPN beside HTTP/1.1, which needs `tls`. `"h2c"`: HTTP/2 alone, in clear text, for a proxy that
   * speaks it with prior knowledge. Default: `false`.
   */
  readonly http2?: boolean | "h2c";
  /** Limits of HTTP/2. Default: 100 streams a connection, 10 MB of memory a connection, otherwise Node's. */
  readonly http2Options?: Http2Limits;
}

/** The names of {@link ServeOptions}. Those of `tls` and `http2Options` are Node's. */
export const SERVE_OPTIONS: OptionNames<ServeOptions> = {
  ...NODE_OPTIONS,
  ...LIFE_OPTIONS,
  headersTimeout: true,
  requestTimeout: true,
  keepAliveTimeout: true,
  connectionsCheckingInterval: true,
  socketTimeout: true,
  maxRequestsPerSocket: true,
  maxConnections: true,
  highWaterMark: true,
  tls: true,
  http2: true,
  http2Options: true,
};

/** The limits, complete, as node:http wants them. */
export type NodeLimits = Required<ServerLimits> & { readonly maxHeaderSize: number };

/**
 * Checks the limits of a server and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for one that is no whole number, or a combination that makes no sense.
 */
export function serverLimits(options: ServeOptions): NodeLimits {
  const requestTimeout = options.requestTimeout ?? 300_000;
  const limits: NodeLimits = {
    // Node wants it no longer than the request's, of which it is a part.
    headersTimeout:
      options.headersTimeout ?? (requestTimeout === 0 ? 60_000 : Math.min(60_000, requestTimeout)),
    requestTimeout,
    keepAliveTimeout: options.keepAliveTimeout ?? 5_000,
    connectionsCheckingInterval: options.connectionsCheckingInterval ?? 5_000,
    socketTimeout: options.socketTimeout ?? 0,
    maxHeaderSize: options.maxHeaderSize ?? 16 * 1024,
    maxRequestsPerSocket: options.maxRequestsPerSocket ?? 0,
    maxConnections: options.maxConnections ?? 0,
    highWaterMark: options.highWaterMark ?? 64 * 1024,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw wrong(`${name} is a whole number, not ${String(value)}`);
    }
  }
  const { port = 3000 } = options;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw wrong(`port is a number from 0 to 65535, not ${String(port)}`);
  }
  if (limits.maxHeaderSize === 0) throw wrong("maxHeaderSize is at least 1");
  if (limits.highWaterMark === 0) throw wrong("highWaterMark is at least 1");
  if (limits.connectionsCheckingInterval === 0) throw wrong("connectionsCheckingInterval is at least 1");
  if (requestTimeout !== 0 && limits.headersTimeout > requestTimeout) {
    throw wrong("headersTimeout is no longer than requestTimeout");
  }
  if (options.http2 === true && (options.tls ?? null) === null) {
    throw wrong('http2 needs tls; HTTP/2 in clear text is "h2c"');
  }
  if (options.http2 === "h2c" && (options.tls ?? null) !== null)
    throw wrong('"h2c" has no tls; use http2: true');
  return limits;
}

function wrong(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_OPTION", message);
}
