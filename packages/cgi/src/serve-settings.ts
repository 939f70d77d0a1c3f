// The options of serveCgi, checked once.
// Source: RFC 3875 leaves limits to the program; each of ours has a number and an option.

import { GatewayError, checkOptions, logToConsole, type Log, type OptionNames } from "@tsgi/core";
import { META_OPTIONS, metaSettings, type MetaOptions, type MetaSettings } from "./meta-settings.ts";

/** How much is kept of a request body that the app has not read when its answer begins, in bytes. 16 MiB. */
const READ_AHEAD = 16 * 1024 * 1024;

/** How much of a request body is read only to be thrown away, in bytes. 1 GiB. */
const DRAIN_LIMIT = 1024 * 1024 * 1024;

/** How long an answer waits for the rest of the request body, in milliseconds. */
const DRAIN_TIMEOUT = 30_000;

/** How long a process goes on after its end was asked for, in milliseconds: less than the three seconds Apache waits before SIGKILL. */
const SHUTDOWN_TIMEOUT = 2_000;

/** The longest time a timer can wait, in milliseconds. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/** The options of {@link serveCgi}. */
export interface ServeCgiOptions extends MetaOptions {
  /**
   * Which variables of the process environment are part of the request, beyond HTTP_… and those that web servers set: names, or `"all"`
   * of them. For what `SetEnv` of Apache sets, say. Default: none.
   */
  readonly variables?: readonly string[] | "all";
  /**
   * Whether the answer is a whole HTTP response, which the web server passes on as it is. `"auto"`: if the program's name begins
   * with `nph-`. Default: `"auto"`.
   */
  readonly nph?: boolean | "auto";
  /**
   * Whether a response with the header `x-cgi-local-redirect: /path?query` has the web server serve that path in its place;
   * `scope.extensions["tsgi.local_redirect"]` then tells the app. Not for an app that passes on what others answer: the path may be one that
   * clients must not reach. Default: `false`.
   */
  readonly localRedirect?: boolean;
  /**
   * How much of the request body is kept, in bytes, if the app has not read it when its answer begins: web servers take no answer
   * before they are rid of the body. Default: 16_777_216 (16 MiB).
   */
  readonly readAhead?: number;
  /** How much of the request body is read and thrown away once the app wants no more of it, in bytes. Default: 1_073_741_824 (1 GiB). */
  readonly drainLimit?: number;
  /** How long an answer waits for the rest of the request body, in milliseconds; then it leaves all the same. Default: 30_000. */
  readonly drainTimeout?: number;
  /** Whether the app's lifespan is run around the request: see {@link startLifespan}. Default: `"auto"`. */
  readonly lifespan?: "auto" | "on" | "off";
  /** The longest lifespan startup, in milliseconds. Default: 60_000. */
  readonly lifespanStartupTimeout?: number;
  /** The longest lifespan shutdown, in milliseconds. Default: 60_000. */
  readonly lifespanShutdownTimeout?: number;
  /**
   * How long the app may go on after SIGTERM, or after the web server has gone away, in milliseconds; then the process ends. A sync app
   * is ended by SIGTERM at once. Default: 2_000.
   */
  readonly shutdownTimeout?: number;
  /** Where the log goes. Default: stderr, which web servers add to their own log, control characters escaped. */
  readonly log?: Log;
}

const SERVE_OPTIONS: OptionNames<ServeCgiOptions> = {
  ...META_OPTIONS,
  variables: true,
  nph: true,
  localRedirect: true,
  readAhead: true,
  drainLimit: true,
  drainTimeout: true,
  lifespan: true,
  lifespanStartupTimeout: true,
  lifespanShutdownTimeout: true,
  shutdownTimeout: true,
  log: true,
};

/** {@link ServeCgiOptions}, checked and complete. */
export interface ServeSettings {
  readonly meta: MetaSettings;
  readonly variables: readonly string[] | "all";
  readonly nph: boolean | "auto";
  readonly localRedirect: boolean;
  readonly readAhead: number;
  readonly drainLimit: number;
  readonly drainTimeout: number;
  readonly lifespan: "auto" | "on" | "off";
  readonly startupTimeout: number;
  readonly lifespanShutdownTimeout: number;
  readonly shutdownTimeout: number;
  readonly log: Log;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function serveSettings(options: ServeCgiOptions): ServeSettings {
  checkOptions(options, SERVE_OPTIONS);
  const {
    variables = [],
    nph = "auto",
    localRedirect = false,
    readAhead = READ_AHEAD,
    drainLimit = DRAIN_LIMIT,
    drainTimeout = DRAIN_TIMEOUT,
    lifespan = "auto",
    lifespanStartupTimeout: startupTimeout = 60_000,
    lifespanShutdownTimeout = 60_000,
    shutdownTimeout = SHUTDOWN_TIMEOUT,
    log = logToConsole,
  } = options;
  if (variables !== "all" && !Array.isArray(variables)) throw wrong("variables", 'a list of names or "all"');
  if (typeof nph !== "boolean" && nph !== "auto") throw wrong("nph", 'true, false or "auto"');
  if (typeof localRedirect !== "boolean") throw wrong("localRedirect", "true or false");
  if (!(readAhead >= 0)) throw wrong("readAhead", "a number of bytes from 0 upwards");
  if (!(drainLimit >= 0)) throw wrong("drainLimit", "a number of bytes from 0 upwards");
  if (!isTime(startupTimeout) && startupTimeout !== Infinity)
    throw wrong("lifespanStartupTimeout", MILLISECONDS);
  if (!isTime(drainTimeout)) throw wrong("drainTimeout", MILLISECONDS);
  if (!isTime(shutdownTimeout)) throw wrong("shutdownTimeout", MILLISECONDS);
  return {
    meta: metaSettings(options),
    variables,
    nph,
    localRedirect,
    readAhead,
    drainLimit,
    drainTimeout,
    lifespan,
    startupTimeout,
    lifespanShutdownTimeout,
    shutdownTimeout,
    log,
  };
}

const MILLISECONDS = `a number of milliseconds from 0 to ${LONGEST_TIMEOUT}`;

function isTime(value: number): boolean {
  return value >= 0 && value <= LONGEST_TIMEOUT;
}

function wrong(name: string, what: string): GatewayError {
  return new GatewayError("TSGI_ERR_OPTION", `${name} is ${what}`);
}
