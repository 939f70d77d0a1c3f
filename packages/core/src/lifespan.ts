// The host's side of lifespan: startup before the first request, shutdown after the last, and the state they share.
// Source: ASGI lifespan 2.0, https://asgi.readthedocs.io/en/latest/specs/lifespan.html

import type { AsgiApp } from "./app.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { GatewayError } from "./errors.ts";
import { LifespanChannel } from "./lifespan-channel.ts";
import type { AsgiVersions } from "./scope.ts";
import { logToConsole, type Log } from "./log-to-console.ts";

/** How a host runs an app's lifespan. */
export interface LifespanOptions {
  /**
   * `"auto"`: an app that throws {@link UnsupportedScopeError}, or returns without asking for an event, is served without
   * a lifespan; any other failure ends the startup. `"on"`: such an app ends it too. `"off"`: the app is not called.
   * Default: `"auto"`.
   */
  readonly mode?: "auto" | "on" | "off";
  /** The longest startup, in milliseconds; `Infinity` for no limit. Default: 60_000. */
  readonly startupTimeout?: number;
  /** The longest shutdown, in milliseconds; `Infinity` for no limit. Default: 60_000. */
  readonly shutdownTimeout?: number;
  /**
   * Takes what no promise tells: an app that leaves its lifespan, or fails in it, while the server runs. What
   * `startLifespan` and `shutdown` reject with is not logged: the host does that. Default: the console, control characters escaped.
   */
  readonly log?: Log;
}

/** A lifespan after its startup. */
export interface Lifespan {
  /** What startup left, to be copied for each request by {@link stateCopy}; `null` where there is no lifespan. */
  readonly state: Record<string, unknown> | null;
  /** Whether the app serves lifespans. */
  readonly supported: boolean;
  /**
   * Has the app put everything away; to be called after the last connection has ended. A second call gives the same promise.
   *
   * @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` if the app failed, now or earlier: its message is the app's, word for
   * word. `TSGI_ERR_LIFESPAN_TIMEOUT` if it took too long. The host logs it, and its exit status is not 0.
   */
  shutdown(): Promise<void>;
}

/** The longest time a timer can wait, in milliseconds; a longer one would fire at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;
const LIFESPAN_OPTIONS: OptionNames<LifespanOptions> = {
  mode: true,
  startupTimeout: true,
  shutdownTimeout: true,
  log: true,
};
const VERSIONS: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.0" } as const);
const DONE: Promise<void> = Promise.resolve();
const NO_LIFESPAN: Lifespan = Object.freeze({ state: null, supported: false, shutdown: () => DONE });

/**
 * Runs an app's startup; to be awaited before the server listens.
 *
 * @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` if the startup failed: its message is the app's, word for word, for the
 * host to log before it exits with a status that is not 0. `TSGI_ERR_LIFESPAN_TIMEOUT` if it took too long;
 * `TSGI_ERR_OPTION` for an option out of range, or unknown.
 */
export async function startLifespan<State>(
  app: AsgiApp<State>,
  options: LifespanOptions = {},
): Promise<Lifespan> {
  checkOptions(options, LIFESPAN_OPTIONS);
  const { mode = "auto", startupTimeout = 60_000, shutdownTimeout = 60_000, log = logToConsole } = options;
  checkMode(mode);
  checkTimeout("startupTimeout", startupTimeout);
  checkTimeout("shutdownTimeout", shutdownTimeout);
  if (mode === "off") return NO_LIFESPAN;
  const state: Record<string, unknown> = {};
  const channel = new LifespanChannel(
    app as AsgiApp,
    { type: "lifespan", asgi: VERSIONS, state },
    (message, error) => {
      // A log that fails is no reason to end the process.
      try {
        log("error", message, error);
      } catch {}
    },
  );
  const supported = await inTime(channel, channel.start(), "startup", startupTimeout);
  if (!supported && mode === "on") {
    throw new GatewayError(
      "TSGI_ERR_LIFESPAN",
      'The app does not serve lifespan scopes, and lifespan is "on"',
    );
  }
  if (!supported) return NO_LIFESPAN;
  let stopped: Promise<void> | null = null;
  return {
    state,
    supported,
    shutdown() {
      stopped ??= inTime(channel, channel.stop(), "shutdown", shutdownTimeout);
      return stopped;
    },
  };
}

/** One request's own copy of the state: a key it sets, no other request sees (ASGI lifespan 2.0, "Lifespan State"). */
export function stateCopy<State extends object>(state: State | null): State | null {
  return state === null ? null : { ...state };
}

function inTime<T>(
  channel: LifespanChannel,
  work: Promise<T>,
  half: "startup" | "shutdown",
  timeout: number,
): Promise<T> {
  if (timeout === Infinity) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      channel.abandon();
      reject(
        new GatewayError("TSGI_ERR_LIFESPAN_TIMEOUT", `The app's lifespan ${half} took over ${timeout} ms`),
      );
    }, timeout);
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** @throws {@link GatewayError} `TSGI_ERR_OPTION` for a mode that is none. */
export function checkMode(mode: string): void {
  if (mode === "auto" || mode === "on" || mode === "off") return;
  throw new GatewayError("TSGI_ERR_OPTION", `lifespan is "auto", "on" or "off", not ${JSON.stringify(mode)}`);
}

function checkTimeout(name: string, timeout: number): void {
  if (timeout === Infinity || (timeout > 0 && timeout <= LONGEST_TIMEOUT)) return;
  throw new GatewayError(
    "TSGI_ERR_OPTION",
    `${name} is a number of milliseconds above 0 and up to ${LONGEST_TIMEOUT}, or Infinity, not ${timeout}`,
  );
}
