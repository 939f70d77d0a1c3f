// What a listener needs to know for every request, read from the options once.

import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { GatewayError, logToConsole, type LogLevel, type OptionNames } from "@tsgi/core";
import { Activity } from "@tsgi/process";
import type { Front } from "./front.ts";
import type { Http1Transport } from "./http1-transport.ts";
import { REQUEST_LIMITS, requestRules, type RequestLimits, type RequestRules } from "./request-checks.ts";

/**
 * Where a line for the operator goes. `req` is the request it is about, as `node:http` or Node's compat layer has made it;
 * absent where there is none.
 */
export type Log = (
  level: LogLevel,
  message: string,
  error?: unknown,
  req?: IncomingMessage | Http2ServerRequest,
) => void;

/** The options of {@link toNode}; `serveNode` takes them too. */
export interface NodeOptions extends RequestLimits {
  /** The prefix the server is mounted at by something in front of it, such as `"/app"`. Default: `""`. */
  readonly rootPath?: string;
  /** The longest request body, in bytes; a longer one is answered 413 and the connection closed. Default: no limit. */
  readonly maxBodySize?: number;
  /**
   * How much of a body that the app did not read is read on and thrown away to keep the connection, in bytes; a longer
   * rest closes it. Default: 262_144 (256 KiB).
   */
  readonly maxDiscard?: number;
  /**
   * How long such a rest is waited for once the response is out, in milliseconds, 0 for ever; then the connection is
   * closed. Default: 5_000.
   */
  readonly discardTimeout?: number;
  /**
   * How long an HTTP/1 connection that has sent its last is still read from, in milliseconds, 0 for ever: closed at once, it
   * could take the answer with it. Default: 1_000.
   */
  readonly lingerTimeout?: number;
  /**
   * How long a cut HTTP/1 response may take to send what was written of it before, in milliseconds, 0 for ever; then the
   * connection is closed as it is. Default: 2_000.
   */
  readonly flushTimeout?: number;
  /**
   * How many requests of one connection may be at work behind the one whose answer is due; a further one is answered 503
   * in its turn, and the connection closed. Default: 1_000.
   */
  readonly maxPipelined?: number;
  /** What lifespan startup left: each request gets a shallow copy as `scope.state`. Default: `null`. */
  readonly state?: object | null;
  /** Whether a response without a Date field gets one. Default: `true`. */
  readonly dateHeader?: boolean;
  /** The Server field of responses that have none; `null` for none at all. Default: `null`. */
  readonly serverHeader?: string | null;
  /** Where errors of the app and warnings go. Default: standard error, one line each, control characters escaped. */
  readonly log?: Log;
}

/** The names of {@link NodeOptions}. */
export const NODE_OPTIONS: OptionNames<NodeOptions> = {
  ...REQUEST_LIMITS,
  rootPath: true,
  maxBodySize: true,
  maxDiscard: true,
  discardTimeout: true,
  lingerTimeout: true,
  flushTimeout: true,
  maxPipelined: true,
  state: true,
  dateHeader: true,
  serverHeader: true,
  log: true,
};

/** The same, complete. */
export interface RequestSettings {
  readonly rootPath: string;
  readonly maxBodySize: number;
  readonly maxDiscard: number;
  readonly discardTimeout: number;
  readonly lingerTimeout: number;
  readonly flushTimeout: number;
  readonly maxPipelined: number;
  readonly state: object | null;
  readonly dateHeader: boolean;
  readonly serverHeader: string | null;
  readonly log: Log;
  /** What a request must be before the app sees it. */
  readonly rules: RequestRules;
  /** Counts the apps at work. */
  readonly activity: Activity;
  /** The longest time an HTTP/2 request's body may take, in milliseconds; 0 for ever. On HTTP/1 Node keeps the time. */
  readonly requestTimeout: number;
  /** Whether request and response were made by a server of ours: nothing in front has touched them. */
  readonly ownsMessages: boolean;
  /** The framework in front, where there is one that says something; else `null`. */
  readonly front: Front | null;
  /** Called as a request is done with. */
  readonly onDetach: ((transport: Http1Transport) => void) | null;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for a value that makes no sense.
 */
export function requestSettings(options: NodeOptions): RequestSettings {
  const { maxBodySize = Infinity, maxDiscard = 256 * 1024, discardTimeout = 5_000 } = options;
  const { lingerTimeout = 1_000, flushTimeout = 2_000 } = options;
  const { maxPipelined = 1_000, state = null, log = logToConsole } = options;
  return {
    rootPath: prefix(options.rootPath ?? ""),
    maxBodySize: amount("maxBodySize", maxBodySize),
    maxDiscard: amount("maxDiscard", maxDiscard),
    discardTimeout: milliseconds("discardTimeout", discardTimeout),
    lingerTimeout: milliseconds("lingerTimeout", lingerTimeout),
    flushTimeout: milliseconds("flushTimeout", flushTimeout),
    maxPipelined: amount("maxPipelined", maxPipelined),
    state,
    dateHeader: options.dateHeader ?? true,
    serverHeader: fieldValue("serverHeader", options.serverHeader ?? null),
    log,
    rules: requestRules(options, maxBodySize),
    activity: new Activity(),
    requestTimeout: 0,
    ownsMessages: false,
    front: null,
    onDetach: null,
  };
}

function amount(name: string, value: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw new GatewayError("TSGI_ERR_OPTION", `${name} is a whole number or Infinity, not ${String(value)}`);
}

/** Node's timers take no more, and fire at once above. */
const MAX_MILLISECONDS = 2 ** 31 - 1;

function milliseconds(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0 && value <= MAX_MILLISECONDS) return value;
  throw new GatewayError(
    "TSGI_ERR_OPTION",
    `${name} is a number of milliseconds up to ${MAX_MILLISECONDS}, not ${String(value)}`,
  );
}

function fieldValue(name: string, value: string | null): string | null {
  if (value === null || /^[\t\x20-\x7e]*$/.test(value)) return value;
  throw new GatewayError("TSGI_ERR_OPTION", `${name} is printable ASCII, unlike ${JSON.stringify(value)}`);
}

function prefix(rootPath: string): string {
  const trimmed = rootPath.replace(/\/+$/, "");
  if (trimmed === "" || trimmed.startsWith("/")) return trimmed;
  throw new GatewayError("TSGI_ERR_OPTION", `rootPath starts with "/", unlike ${JSON.stringify(rootPath)}`);
}
