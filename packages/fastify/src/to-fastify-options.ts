// The options of a mounted app, and what is theirs and what is toNode's.

import type { OptionNames } from "@tsgi/core";
import type { Log, NodeOptions } from "@tsgi/node";

/** The options of {@link toFastify}. */
export interface ToFastifyOptions extends Omit<NodeOptions, "state" | "log"> {
  /**
   * How the app's lifespan follows `onReady` and `onClose`: `"auto"` serves an app without one all the same, `"on"` does
   * not, `"off"` runs none. A startup that fails has `ready()` and `listen()` reject. Default: `"auto"`.
   */
  readonly lifespan?: "auto" | "on" | "off";
  /**
   * The longest startup, in milliseconds; `Infinity` for no limit. Fastify's own `pluginTimeout`, 10 seconds unless set,
   * counts too. Default: 60_000.
   */
  readonly lifespanStartupTimeout?: number;
  /** The longest shutdown, in milliseconds; `Infinity` for no limit. Default: 60_000. */
  readonly lifespanShutdownTimeout?: number;
  /**
   * Whether `onSend` hooks run, for the headers and cookies they set: before the app is called, with `undefined` for the
   * payload. What they make of the payload goes nowhere. Default: `true`.
   */
  readonly onSendHooks?: boolean;
  /**
   * Whether what the app throws before anything was sent goes to Fastify's error handler and `onError` hooks, instead of
   * a line in the log and a bare 500. Fastify's default handler shows the error's message to the client. Default: `false`.
   */
  readonly passErrors?: boolean;
  /** Where errors of the app and warnings go. Default: `null`, which is the request's own logger, `request.log`. */
  readonly log?: Log | null;
}

/** The names of {@link ToFastifyOptions}. */
export const TO_FASTIFY_OPTIONS: OptionNames<ToFastifyOptions> = {
  rootPath: true,
  maxBodySize: true,
  maxDiscard: true,
  discardTimeout: true,
  lingerTimeout: true,
  flushTimeout: true,
  maxPipelined: true,
  maxUrlLength: true,
  maxHeadersCount: true,
  maxHeaderSize: true,
  serverNames: true,
  dateHeader: true,
  serverHeader: true,
  lifespan: true,
  lifespanStartupTimeout: true,
  lifespanShutdownTimeout: true,
  onSendHooks: true,
  passErrors: true,
  log: true,
};

/** The same, taken apart. */
export interface MountSettings {
  /** What goes on to toNode. */
  readonly node: NodeOptions;
  readonly lifespan: "auto" | "on" | "off";
  readonly startupTimeout: number;
  readonly shutdownTimeout: number;
  readonly onSendHooks: boolean;
  readonly passErrors: boolean;
  readonly log: Log | null;
}

/** Fills in the defaults. */
export function mountSettings(options: ToFastifyOptions): MountSettings {
  const {
    lifespan = "auto",
    lifespanStartupTimeout: startupTimeout = 60_000,
    lifespanShutdownTimeout: shutdownTimeout = 60_000,
    onSendHooks = true,
    passErrors = false,
    log = null,
    ...node
  } = options;
  return { node, lifespan, startupTimeout, shutdownTimeout, onSendHooks, passErrors, log };
}
