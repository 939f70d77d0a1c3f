// What toFetch needs to know for every request, read from the options once.

import {
  GatewayError,
  checkOptions,
  logToConsole,
  type ClientAddress,
  type Log,
  type OptionNames,
} from "@tsgi/core";
import { clientFromPlatform } from "./client-address.ts";

/** Finds the client's address: from the request, and from the second argument, which differs from runtime to runtime. */
export type FindClient = (request: Request, env: unknown) => ClientAddress | null;

/** The options of {@link toFetch}. */
export interface ToFetchOptions {
  /** The prefix the app is mounted at by something in front of it, such as `"/app"`. Default: `""`. */
  readonly rootPath?: string;
  /** The longest request body, in bytes; a longer one is answered 413. Default: no limit. */
  readonly maxBodySize?: number;
  /** How much of a streamed response may wait for its reader before `send()` waits, in bytes. Default: 65_536 (64 KiB). */
  readonly highWaterMark?: number;
  /**
   * Finds `scope.client`. Nothing a client sends is believed unless it says so: on Workers give
   * `(request) => [request.headers.get("cf-connecting-ip") ?? "", 0]`. Default: what Bun's server and Deno's info tell, else `null`.
   */
  readonly client?: FindClient;
  /**
   * Whether the first request runs the app's startup, and waits for it; see `mode` of core's `startLifespan`. Default:
   * `"auto"`, and `"off"` where `state` is given.
   */
  readonly lifespan?: "auto" | "on" | "off";
  /** What a startup left that was run elsewhere: each request gets a shallow copy as `scope.state`. Default: `null`. */
  readonly state?: object | null;
  /** Where errors of the app and warnings go. Default: the console, control characters escaped. */
  readonly log?: Log;
}

/** The names of {@link ToFetchOptions}. */
export const FETCH_OPTIONS: OptionNames<ToFetchOptions> = {
  rootPath: true,
  maxBodySize: true,
  highWaterMark: true,
  client: true,
  lifespan: true,
  state: true,
  log: true,
};

/** The same, complete. */
export type FetchSettings = Required<Omit<ToFetchOptions, "lifespan">>;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for an option that is unknown or makes no sense.
 */
export function fetchSettings(options: ToFetchOptions): FetchSettings {
  checkOptions(options, FETCH_OPTIONS);
  return {
    rootPath: prefix(options.rootPath ?? ""),
    maxBodySize: amount("maxBodySize", options.maxBodySize ?? Infinity),
    highWaterMark: finite("highWaterMark", options.highWaterMark ?? 65_536),
    client: callable("client", options.client ?? clientFromPlatform),
    state: options.state ?? null,
    log: callable("log", options.log ?? logToConsole),
  };
}

function amount(name: string, value: number): number {
  if (value === Infinity || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw new GatewayError("TSGI_ERR_OPTION", `${name} is a whole number or Infinity, not ${String(value)}`);
}

function finite(name: string, value: number): number {
  if (value !== Infinity) return amount(name, value);
  throw new GatewayError("TSGI_ERR_OPTION", `${name} is a whole number, not Infinity`);
}

function callable<F>(name: string, value: F): F {
  if (typeof value === "function") return value;
  throw new GatewayError("TSGI_ERR_OPTION", `${name} is a function, not ${typeof value}`);
}

function prefix(rootPath: string): string {
  const trimmed = rootPath.replace(/\/+$/, "");
  if (trimmed === "" || trimmed.startsWith("/")) return trimmed;
  throw new GatewayError("TSGI_ERR_OPTION", `rootPath starts with "/", unlike ${JSON.stringify(rootPath)}`);
}
