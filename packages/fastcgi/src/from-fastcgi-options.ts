// The options of fromFastCgi, checked and complete.
// Sources: requirements FC4, FC5, FC7 to FC10, FC16, FC19 to FC23, S8, S20; the defaults are near those of nginx.

import type { VariableOptions } from "@tsgi/cgi";
import {
  GatewayError,
  checkOptions,
  type HttpScopeInit,
  type Log,
  type OptionNames,
  type SpoolFactory,
} from "@tsgi/core";
import { fileSpool } from "@tsgi/process";
import { phpSettings, type PhpOptions, type PhpSettings } from "./php.ts";

/** How connections to FastCGI upstreams are made, kept and shared. */
export interface FastCgiPoolOptions {
  /**
   * Whether connections are kept for the next GET, HEAD, OPTIONS, PUT or DELETE; other requests, which are never sent twice, get a fresh one. Each idle one occupies a process of an upstream that serves one connection at a
   * time, as PHP-FPM and fcgiwrap do: have more of those than all gateways together keep connections (`maxIdle`). A PHP script that goes
   * on after `fastcgi_finish_request()` holds up the next request on its connection. Default: `false`, as with nginx.
   */
  readonly keepAlive?: boolean;
  /** How many connections to one target are open at once; further requests wait. Default: 128. */
  readonly maxConns?: number;
  /** How many connections to one target are kept without a request. Default: 8. */
  readonly maxIdle?: number;
  /** How long a connection is kept without a request, in milliseconds. Default: 10_000. */
  readonly idleTimeout?: number;
  /** How many requests may wait for a connection; the next is answered 503. Default: 1024. */
  readonly maxQueue?: number;
  /** How long a request waits for a connection, in milliseconds; then it is answered 503. Default: 30_000. */
  readonly queueTimeout?: number;
  /** How long it may take to connect, in milliseconds; then the next target is tried, or the answer is 504. Default: 5_000. */
  readonly connectTimeout?: number;
  /**
   * How long a request may be on a new connection without an answer, in milliseconds, before idle ones are closed for its sake: the upstream
   * may be a process that serves one connection after the other. Default: 100.
   */
  readonly acceptDelay?: number;
  /** How long a target that has failed is tried last, in milliseconds; the log is told once in that time. Default: 10_000. */
  readonly failTimeout?: number;
  /**
   * Whether one connection carries several requests at once. `"ask"` puts the question to each target (GET_VALUES), once, on a connection of
   * its own; one that does not answer multiplexes nothing. PHP and libfcgi do not. Default: `false`.
   */
  readonly multiplex?: boolean | "ask";
  /** How many requests are on one connection at once, where it is multiplexed. Default: 100. */
  readonly maxRequests?: number;
  /**
   * How much of a response is held back for a slow client, in bytes, before the other requests on its connection have to wait with it;
   * where it is multiplexed. Default: 262_144 (256 KiB).
   */
  readonly maxHeld?: number;
  /** How long a target may take to answer `"ask"`, in milliseconds. Default: 1_000. */
  readonly askTimeout?: number;
}

/** The options of {@link fromFastCgi}. */
export interface FromFastCgiOptions extends FastCgiPoolOptions {
  /** Which script answers, if the upstream is PHP. Default: none is looked for: SCRIPT_NAME is the mount prefix, PATH_INFO the rest. */
  readonly php?: PhpOptions;
  /**
   * More variables, or others in place of those made: SCRIPT_FILENAME for fcgiwrap, say. Text, sent as UTF-8. A function is asked for each
   * request. Default: none.
   */
  readonly params?:
    | Readonly<Record<string, string>>
    | ((scope: HttpScopeInit) => Readonly<Record<string, string>>);
  /** DOCUMENT_ROOT; PATH_TRANSLATED is this and PATH_INFO. Not beside `php`, whose `root` it is. Default: neither. */
  readonly documentRoot?: string | null;
  /** What becomes of `%2F` in a path: `"decode"` makes it a slash like any other, `"refuse"` answers 404. Default: `"decode"`. */
  readonly encodedSlashes?: "decode" | "refuse";
  /**
   * What becomes of a path with a `.` or `..` segment, plain or encoded: `"refuse"` answers 404, `"keep"` passes it on, but not to PHP, nor in
   * PATH_TRANSLATED. Default: `"refuse"`.
   */
  readonly dotSegments?: "refuse" | "keep";
  /** Whether Authorization and Proxy-Authorization are passed on: the upstream then sees passwords. Default: `false`. */
  readonly passAuthorization?: boolean;
  /** SERVER_SOFTWARE. Default: `"TSGI"`. */
  readonly serverSoftware?: string;
  /** The longest request body, in bytes; a longer one is answered 413. Default: Infinity. */
  readonly maxBodySize?: number;
  /**
   * The longest request body that comes without a length, in bytes. Its end is waited for, as the upstream must be told CONTENT_LENGTH;
   * 0 answers 411. Default: 134_217_728 (128 MiB).
   */
  readonly maxUnsizedBody?: number;
  /** How much of such a body is kept in memory, in bytes; the rest goes to `spool`. Default: 65_536. */
  readonly memoryLimit?: number;
  /** Where it goes. Default: `fileSpool()`: temporary files. */
  readonly spool?: SpoolFactory;
  /** How long the upstream may take no more of a request, in milliseconds; then the answer is 504. Default: 60_000. */
  readonly writeTimeout?: number;
  /** How long the upstream may take to begin its response, in milliseconds; then the answer is 504. Default: 60_000. */
  readonly firstByteTimeout?: number;
  /** How long the upstream may be silent within its response, in milliseconds; then it is cut. Default: 60_000. */
  readonly readTimeout?: number;
  /**
   * Whether a request is sent again if a kept connection turns out to be closed, once; and if an upstream of several closes a fresh one
   * before it says anything, by another one, once. GET, HEAD, OPTIONS, PUT and DELETE, with no more than 64 KiB of body sent. Default: `true`.
   */
  readonly retry?: boolean;
  /** The longest head of a response, in bytes; a longer one is answered 502. Default: 65_536. */
  readonly maxHeadSize?: number;
  /** How many lines it may have. Default: 1000. */
  readonly maxHeadLines?: number;
  /**
   * How much output beyond the end of a response (the body of HEAD and 304) is read, in bytes, so that its script is not cut off; then the connection is
   * closed. Default: 16_777_216 (16 MiB).
   */
  readonly maxDrain?: number;
  /**
   * How much of one request's STDERR is logged, in bytes. What comes beyond that is no sign of life for the time limits.
   * Default: 65_536.
   */
  readonly maxStderr?: number;
  /** Answers 502 if a line of STDERR has one of these in it before the response has begun (`"PHP Fatal error"`). Default: none. */
  readonly catchStderr?: readonly (string | RegExp)[];
  /** Where STDERR and failures of the upstream are told, if not in the server's own log. Default: there, or the console. */
  readonly log?: Log;
}

type VariableOption =
  | "documentRoot"
  | "encodedSlashes"
  | "dotSegments"
  | "passAuthorization"
  | "serverSoftware";

/** {@link FromFastCgiOptions}, checked and complete. */
export interface FastCgiSettings extends Required<
  Omit<FromFastCgiOptions, "php" | "params" | "log" | VariableOption>
> {
  readonly php: PhpSettings | null;
  readonly variables: VariableOptions;
  readonly paramsOf: (scope: HttpScopeInit) => Readonly<Record<string, string>>;
  readonly log: Log | null;
}

const NUMBERS = {
  maxConns: { value: 128, least: 1 },
  maxIdle: { value: 8, least: 0 },
  idleTimeout: { value: 10_000, least: 1 },
  maxQueue: { value: 1024, least: 0 },
  queueTimeout: { value: 30_000, least: 0 },
  connectTimeout: { value: 5_000, least: 1 },
  acceptDelay: { value: 100, least: 0 },
  failTimeout: { value: 10_000, least: 0 },
  maxRequests: { value: 100, least: 1 },
  maxHeld: { value: 262_144, least: 0 },
  askTimeout: { value: 1_000, least: 1 },
  maxBodySize: { value: Infinity, least: 0 },
  maxUnsizedBody: { value: 134_217_728, least: 0 },
  memoryLimit: { value: 65_536, least: 0 },
  writeTimeout: { value: 60_000, least: 1 },
  firstByteTimeout: { value: 60_000, least: 1 },
  readTimeout: { value: 60_000, least: 1 },
  maxHeadSize: { value: 65_536, least: 1 },
  maxHeadLines: { value: 1000, least: 1 },
  maxDrain: { value: 16_777_216, least: 0 },
  maxStderr: { value: 65_536, least: 0 },
} as const;

/** The names of {@link FromFastCgiOptions}. */
export const FROM_OPTIONS: OptionNames<FromFastCgiOptions> = {
  ...(Object.fromEntries(Object.keys(NUMBERS).map((name) => [name, true])) as OptionNames<typeof NUMBERS>),
  catchStderr: true,
  documentRoot: true,
  dotSegments: true,
  encodedSlashes: true,
  keepAlive: true,
  log: true,
  multiplex: true,
  params: true,
  passAuthorization: true,
  php: true,
  retry: true,
  serverSoftware: true,
  spool: true,
};

/** The longest a timer can run, in milliseconds. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function fastCgiSettings(options: FromFastCgiOptions): FastCgiSettings {
  checkOptions(options, FROM_OPTIONS);
  const { php, documentRoot = null, params = {}, spool, log = null } = options;
  const { encodedSlashes = "decode", dotSegments = "refuse", serverSoftware = "TSGI" } = options;
  const { multiplex = false, catchStderr = [] } = options;
  oneOf("encodedSlashes", encodedSlashes, ["decode", "refuse"]);
  oneOf("dotSegments", dotSegments, ["refuse", "keep"]);
  oneOf("multiplex", multiplex, [true, false, "ask"]);
  if (php !== undefined && documentRoot !== null)
    throw wrong("documentRoot", "not given beside php.root", documentRoot);
  if (documentRoot !== null && typeof documentRoot !== "string")
    throw wrong("documentRoot", "a path", documentRoot);
  if (typeof serverSoftware !== "string") throw wrong("serverSoftware", "text", serverSoftware);
  if (log !== null && typeof log !== "function") throw wrong("log", "a function", log);
  if (typeof params !== "function") checkParams(params);
  if (spool !== undefined && typeof spool?.open !== "function") throw wrong("spool", "a SpoolFactory", spool);
  return {
    ...numbersOf(options),
    php: php === undefined ? null : phpSettings(php),
    variables: {
      documentRoot,
      encodedSlashes,
      dotSegments,
      serverSoftware,
      passAuthorization: switchOf(options, "passAuthorization", false),
      contentLength: null,
    },
    paramsOf: typeof params === "function" ? params : () => params,
    keepAlive: switchOf(options, "keepAlive", false),
    retry: switchOf(options, "retry", true),
    multiplex,
    catchStderr: patternsOf(catchStderr),
    spool: spool ?? fileSpool(),
    log,
  };
}

function numbersOf(options: FromFastCgiOptions): Record<keyof typeof NUMBERS, number> {
  const numbers = {} as Record<keyof typeof NUMBERS, number>;
  for (const name of Object.keys(NUMBERS) as (keyof typeof NUMBERS)[]) {
    const { value, least } = NUMBERS[name];
    const { [name]: given = value } = options;
    const timed = /(?:Timeout|Delay)$/.test(name);
    const most = timed ? MAX_TIMEOUT : Number.MAX_SAFE_INTEGER;
    const whole = Number.isInteger(given) && given >= least && given <= most;
    if (!whole && given !== Infinity) throw wrong(name, `a number from ${least} upwards`, given);
    // What never comes is as far away as a timer can reach.
    numbers[name] = timed ? Math.min(given, MAX_TIMEOUT) : given;
  }
  return numbers;
}

function switchOf(
  options: FromFastCgiOptions,
  name: "passAuthorization" | "keepAlive" | "retry",
  value: boolean,
): boolean {
  const { [name]: given = value } = options;
  if (typeof given !== "boolean") throw wrong(name, "true or false", given);
  return given;
}

function oneOf(name: string, given: unknown, allowed: readonly unknown[]): void {
  if (!allowed.includes(given))
    throw wrong(name, `one of ${allowed.map((value) => JSON.stringify(value)).join(", ")}`, given);
}

function checkParams(params: unknown): void {
  const texts =
    typeof params === "object" &&
    params !== null &&
    Object.values(params).every((value) => typeof value === "string");
  if (!texts) throw wrong("params", "an object of strings, or a function that gives one", params);
}

/** With a pattern of ours: one with the flag g or y would begin where its last search has ended. */
function patternsOf(patterns: readonly (string | RegExp)[]): readonly (string | RegExp)[] {
  if (!Array.isArray(patterns)) throw wrong("catchStderr", "a list of strings and patterns", patterns);
  return patterns.map((pattern: unknown) => {
    if (typeof pattern === "string" && pattern !== "") return pattern;
    if (!(pattern instanceof RegExp)) throw wrong("catchStderr", "a list of strings and patterns", pattern);
    return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  });
}

function wrong(name: string, what: string, given: unknown): GatewayError {
  const isNumber = typeof given === "number" || typeof given === "bigint";
  const shown = isNumber ? String(given) : (JSON.stringify(given) ?? typeof given);
  return new GatewayError("TSGI_ERR_OPTION", `${name} is ${what}, not ${shown}`);
}
