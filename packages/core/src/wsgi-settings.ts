// The options of the sync bridge, checked once.
// Source: PEP 3333 leaves limits to the server; each of ours has a number and an option.

import { checkOptions, type OptionNames } from "./check-options.ts";
import { ENVIRON_OPTIONS, environSettings, type EnvironOptions, type EnvironSettings } from "./environ.ts";
import { GatewayError } from "./errors.ts";
import type { SpoolFactory } from "./spool.ts";
import type { BodyLimits } from "./wsgi-body.ts";
import { logToConsole, type Log } from "./log-to-console.ts";
import type { TurnLimits } from "./wsgi-response.ts";

/** The longest request body, if the option does not say, in bytes. 16 MiB. */
const MAX_BODY_SIZE = 16 * 1024 * 1024;

/** How much of a request body stays in memory, if the option does not say, in bytes. 64 KiB. */
const MEMORY_LIMIT = 64 * 1024;

/** How many pieces of a response are sent in one turn of the event loop, if the option does not say. */
const PIECES_PER_TURN = 16;

/** How long pieces of a response are taken in one turn of the event loop, if the option does not say, in milliseconds. */
const TURN_TIME = 5;

/** The options of {@link wsgi}. */
export interface WsgiOptions extends EnvironOptions {
  /**
   * The longest request body, in bytes; a longer one is answered 413 without calling the app: before it is read, if
   * Content-Length tells. `Infinity` for no limit. Default: 16_777_216 (16 MiB).
   */
  readonly maxBodySize?: number;
  /**
   * How much of a request body is kept in memory, in bytes, where there is a `spool`: what is longer goes there. Under CGI what is
   * longer stays with the web server until the app reads it. Default: 65_536 (64 KiB).
   */
  readonly memoryLimit?: number;
  /** Where a body beyond `memoryLimit` goes: `fileSpool()` of `@tsgi/node`. Default: `null`, all of it stays in memory. */
  readonly spool?: SpoolFactory | null;
  /**
   * How many pieces of a response are taken from the app and sent before other requests get their turn, whether or not
   * the client takes them as fast. Default: 16.
   */
  readonly piecesPerTurn?: number;
  /**
   * How long pieces are taken from the app before other requests get their turn, and what was sent leaves the process, in
   * milliseconds: an app that takes this long for a piece gets a turn after each. Default: 5.
   */
  readonly turnTime?: number;
  /**
   * Where `wsgi.errors` and warnings go where no host of ours is below that has a log: on another ASGI server, say.
   * Default: the console, control characters escaped.
   */
  readonly log?: Log;
}

const WSGI_OPTIONS: OptionNames<WsgiOptions> = {
  ...ENVIRON_OPTIONS,
  maxBodySize: true,
  memoryLimit: true,
  spool: true,
  piecesPerTurn: true,
  turnTime: true,
  log: true,
};

/** {@link WsgiOptions}, checked and complete. */
export interface WsgiSettings extends EnvironSettings, BodyLimits, TurnLimits {
  readonly log: Log;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function wsgiSettings(options: WsgiOptions): WsgiSettings {
  checkOptions(options, WSGI_OPTIONS);
  const {
    maxBodySize = MAX_BODY_SIZE,
    memoryLimit = MEMORY_LIMIT,
    spool = null,
    piecesPerTurn = PIECES_PER_TURN,
    turnTime = TURN_TIME,
    log = logToConsole,
  } = options;
  atLeast("maxBodySize", maxBodySize, 0);
  atLeast("memoryLimit", memoryLimit, 0);
  atLeast("piecesPerTurn", piecesPerTurn, 1);
  atLeast("turnTime", turnTime, 0);
  return { ...environSettings(options), maxBodySize, memoryLimit, spool, piecesPerTurn, turnTime, log };
}

function atLeast(name: string, value: number, least: number): void {
  if (typeof value === "number" && value >= least) return;
  throw new GatewayError(
    "TSGI_ERR_OPTION",
    `${name} is a number from ${least} upwards, not ${String(value)}`,
  );
}
