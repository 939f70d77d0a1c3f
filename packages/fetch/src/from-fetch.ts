// A fetch handler (Hono, H3, itty-router, a Worker) as a portable app: for every server that runs one.
// Source: WHATWG Fetch; https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/; docs/interface.md "The faster door".

import {
  GatewayError,
  SERVE,
  UnsupportedScopeError,
  checkOptions,
  logToConsole,
  type AsgiApp,
  type HttpScopeInit,
  type Log,
  type OptionNames,
} from "@tsgi/core";
import { serveEvents, serveExchange, type FetchHandler, type Guest } from "./serve-guest.ts";

/** What Workers, Bun and Deno export by default. */
export interface FetchObject {
  readonly fetch: FetchHandler;
}

/** The options of {@link fromFetch}. */
export interface FromFetchOptions {
  /**
   * What `request.url` shows of an app that is mounted: `"below"`, the path without the mount prefix, as Hono's `mount` does,
   * or `"full"`, the whole path, for a handler whose routes have the prefix. Default: `"below"`.
   */
  readonly mountedUrl?: "below" | "full";
  /**
   * What becomes of a path with `.` or `..` segments, or a backslash, which a URL cannot hold: `"refuse"` answers 400;
   * `"collapse"` shows the handler another path than the one a middleware before it saw. Default: `"refuse"`.
   */
  readonly dotSegments?: "refuse" | "collapse";
  /** Makes the handler's second argument where the server has none. Default: an empty object. */
  readonly env?: (scope: HttpScopeInit) => unknown;
  /** Where errors of `waitUntil` promises go, if a middleware hides the server's own log. Default: the console. */
  readonly log?: Log;
}

const OPTIONS: OptionNames<FromFetchOptions> = { mountedUrl: true, dotSegments: true, env: true, log: true };

/**
 * Turns a fetch handler into an app. A handler that throws, or whose promise is rejected, gets a 500, or its response is
 * cut. Scopes other than `http` are refused with {@link UnsupportedScopeError}: `withLifespan` of core adds a lifespan.
 *
 * @param handler - `(request, env, executionContext) => Response`, or an object with it as `fetch`.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if there is no handler, or an option is unknown or makes no sense.
 * @example
 * export default fromFetch((request) => new FastResponse(`Hello from ${request.url}`));
 */
export function fromFetch(handler: FetchHandler | FetchObject, options: FromFetchOptions = {}): AsgiApp {
  const guest = guestOf(handler, options);
  const app: AsgiApp = (scope, receive, send) => {
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    return serveEvents(guest, scope, receive, send);
  };
  app[SERVE] = (scope, transport) => serveExchange(guest, scope, transport);
  return app;
}

function guestOf(handler: FetchHandler | FetchObject, options: FromFetchOptions): Guest {
  checkOptions(options, OPTIONS);
  const { mountedUrl = "below", dotSegments = "refuse", env = noBindings, log = logToConsole } = options;
  if (mountedUrl !== "below" && mountedUrl !== "full") throw wrong("mountedUrl", "below", "full", mountedUrl);
  if (dotSegments !== "refuse" && dotSegments !== "collapse") {
    throw wrong("dotSegments", "refuse", "collapse", dotSegments);
  }
  for (const [name, value] of [
    ["env", env],
    ["log", log],
  ] as const) {
    if (typeof value !== "function") {
      throw new GatewayError("TSGI_ERR_OPTION", `${name} is a function, not ${typeof value}`);
    }
  }
  return { handler: handlerOf(handler), mountedUrl, dotSegments, env, log };
}

function handlerOf(handler: FetchHandler | FetchObject): FetchHandler {
  if (typeof handler === "function") return handler;
  if (typeof handler?.fetch !== "function") {
    throw new GatewayError(
      "TSGI_ERR_OPTION",
      "fromFetch takes a function (request) => Response, or an object with fetch",
    );
  }
  return (request, env, executionContext) => handler.fetch(request, env, executionContext);
}

function wrong(name: string, one: string, other: string, value: unknown): GatewayError {
  return new GatewayError(
    "TSGI_ERR_OPTION",
    `${name} is "${one}" or "${other}", not ${JSON.stringify(value)}`,
  );
}

function noBindings(): object {
  return {};
}
