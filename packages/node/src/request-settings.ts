// What a listener needs to know for every request, read from the options once.

import { GatewayError, type LogLevel } from "@tsgi/core";
import { Activity } from "./activity.ts";
import type { Http1Transport } from "./http1-transport.ts";
import { requestRules, type RequestLimits, type RequestRules } from "./request-checks.ts";

/** Where a line for the operator goes. */
export type Log = (level: LogLevel, message: string, error?: unknown) => void;

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
  /** What lifespan startup left: each request gets a shallow copy as `scope.state`. Default: `null`. */
  readonly state?: object | null;
  /** Where errors of the app and warnings go. Default: standard error, one line each, control characters escaped. */
  readonly log?: Log;
}

/** The same, complete. */
export interface RequestSettings {
  readonly rootPath: string;
  readonly maxBodySize: number;
  readonly maxDiscard: number;
  readonly state: object | null;
  readonly log: Log;
  /** What a request must be before the app sees it. */
  readonly rules: RequestRules;
  /** Counts the apps at work. */
  readonly activity: Activity;
  /** The longest time an HTTP/2 request's body may take, in milliseconds; 0 for ever. On HTTP/1 Node keeps the time. */
  readonly requestTimeout: number;
  /** Whether request and response were made by a server of ours: nothing in front has touched them. */
  readonly ownsMessages: boolean;
  /** Called as a request is done with. */
  readonly onDetach: ((transport: Http1Transport) => void) | null;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for a value that makes no sense.
 */
export function requestSettings(options: NodeOptions): RequestSettings {
  const { maxBodySize = Infinity, maxDiscard = 256 * 1024, state = null, log = logToStderr } = options;
  return {
    rootPath: prefix(options.rootPath ?? ""),
    maxBodySize: bytes("maxBodySize", maxBodySize),
    maxDiscard: bytes("maxDiscard", maxDiscard),
    state,
    log,
    rules: requestRules(options, maxBodySize),
    activity: new Activity(),
    requestTimeout: 0,
    ownsMessages: false,
    onDetach: null,
  };
}

function bytes(name: string, value: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw new GatewayError("TSGI_ERR_OPTION", `${name} is a number of bytes, not ${String(value)}`);
}

function prefix(rootPath: string): string {
  const trimmed = rootPath.replace(/\/+$/, "");
  if (trimmed === "" || trimmed.startsWith("/")) return trimmed;
  throw new GatewayError("TSGI_ERR_OPTION", `rootPath starts with "/", unlike ${JSON.stringify(rootPath)}`);
}

/** The default log: standard error, with what could forge a line or drive a terminal escaped. */
export const logToStderr: Log = (level, message, error) => {
  const detail = error === undefined ? "" : `\n${describe(error)}`;
  console.error(`tsgi ${level}: ${escapeControls(message)}${detail}`);
};

function describe(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const lines = text.split("\n").map(escapeControls).join("\n");
  return error instanceof Error && error.cause !== undefined
    ? `${lines}\ncaused by ${describe(error.cause)}`
    : lines;
}

/** Escapes control characters, so that a request cannot write lines of its own into a log, or drive a terminal. */
export function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
