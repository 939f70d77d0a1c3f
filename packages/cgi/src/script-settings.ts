// The options of programs behind an app, checked once, and the programs themselves.
// Source: requirement S8 (every limit has a number and an option).

import { basename, dirname, resolve } from "node:path";
import {
  GatewayError,
  checkOptions,
  logToConsole,
  type AsgiApp,
  type Log,
  type OptionNames,
} from "@tsgi/core";
import { fileSpool } from "@tsgi/process";
import { INHERITED } from "./child-environment.ts";
import { Children, type ChildLimits } from "./children.ts";
import type { HeadLimits } from "./head-parser.ts";
import type { ScriptOptions } from "./script-options.ts";
import type { BodyRules } from "./sized-body.ts";

/** {@link ScriptOptions}, checked and complete. */
export interface ScriptSettings extends HeadLimits, BodyRules, ChildLimits {
  readonly env: Readonly<Record<string, string>>;
  readonly inheritEnv: readonly string[];
  readonly documentRoot: string | null;
  readonly serverSoftware: string;
  readonly passAuthorization: boolean;
  readonly encodedSlashes: "refuse" | "decode";
  readonly dotSegments: "refuse" | "keep";
  readonly redirectTo: AsgiApp | null;
  readonly headTimeout: number;
  readonly idleTimeout: number;
  readonly timeout: number;
  readonly failedExit: "deliver" | "cut";
  readonly killGrace: number;
  readonly maxStderr: number;
  readonly log: Log;
  /** The programs at work. */
  readonly children: Children;
}

/** A program, and how requests are given to it. */
export interface Script {
  /** The file that is executed. */
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** SCRIPT_FILENAME, and what the log calls it. */
  readonly scriptFilename: string;
  /** Whether its output is a whole HTTP response. */
  readonly nph: boolean;
}

/** A script by its path, with what the path says of it. */
export function scriptOf(path: string): Script {
  const file = resolve(path);
  return {
    file,
    args: [],
    directory: dirname(file),
    scriptFilename: file,
    nph: basename(file).startsWith("nph-"),
  };
}

/** The longest time a timer of Node has, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/**
 * Checks options and fills in the defaults.
 *
 * @param known - All options there are: those of {@link ScriptOptions}, and the caller's.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function scriptSettings<Options extends ScriptOptions>(
  options: Options,
  known: OptionNames<Options>,
): ScriptSettings {
  checkOptions(options, known);
  const settings = {
    env: options.env ?? {},
    inheritEnv: options.inheritEnv ?? INHERITED,
    documentRoot: options.documentRoot ?? null,
    serverSoftware: options.serverSoftware ?? "TSGI",
    passAuthorization: options.passAuthorization ?? false,
    encodedSlashes: options.encodedSlashes ?? "refuse",
    dotSegments: options.dotSegments ?? "refuse",
    redirectTo: options.redirectTo ?? null,
    headTimeout: options.headTimeout ?? 60_000,
    idleTimeout: options.idleTimeout ?? 60_000,
    timeout: options.timeout ?? 3_600_000,
    failedExit: options.failedExit ?? "deliver",
    killGrace: options.killGrace ?? 5_000,
    maxChildren: options.maxChildren ?? 32,
    maxQueue: options.maxQueue ?? 128,
    queueTimeout: options.queueTimeout ?? 30_000,
    maxBodySize: options.maxBodySize ?? Infinity,
    maxUnsizedBody: options.maxUnsizedBody ?? 128 * 1024 * 1024,
    memoryLimit: options.memoryLimit ?? 64 * 1024,
    spool: options.spool ?? fileSpool(),
    maxHeadSize: options.maxHeadSize ?? 64 * 1024,
    maxHeadLines: options.maxHeadLines ?? 1_000,
    maxStderr: options.maxStderr ?? 64 * 1024,
    log: options.log ?? logToConsole,
  };
  checkNumbers(settings);
  oneOf("encodedSlashes", settings.encodedSlashes, ["refuse", "decode"]);
  oneOf("dotSegments", settings.dotSegments, ["refuse", "keep"]);
  oneOf("failedExit", settings.failedExit, ["deliver", "cut"]);
  for (const [name, value] of Object.entries(settings.env)) {
    if (typeof value === "string" && /^[^=\0]+$/.test(name) && !value.includes("\0")) continue;
    throw wrong(`env has a variable that is none: ${JSON.stringify(name)}`);
  }
  if (!Array.isArray(settings.inheritEnv)) throw wrong("inheritEnv is an array of names");
  if (typeof settings.log !== "function") throw wrong("log is a function");
  if (settings.redirectTo !== null && typeof settings.redirectTo !== "function")
    throw wrong("redirectTo is an app");
  return { ...settings, children: new Children(settings) };
}

const DURATIONS = ["headTimeout", "idleTimeout", "timeout", "killGrace", "queueTimeout"] as const;

const LEAST = {
  maxChildren: 1,
  maxQueue: 0,
  maxBodySize: 0,
  maxUnsizedBody: 0,
  memoryLimit: 0,
  maxHeadSize: 1,
  maxHeadLines: 1,
  maxStderr: 0,
} as const;

function checkNumbers(settings: Record<(typeof DURATIONS)[number] | keyof typeof LEAST, unknown>): void {
  for (const name of DURATIONS) {
    const value = settings[name];
    if (value === Infinity && name !== "killGrace") continue;
    if (typeof value === "number" && value >= 0 && value <= LONGEST) continue;
    throw wrong(`${name} is a number of milliseconds up to ${LONGEST}, not ${String(value)}`);
  }
  for (const [name, least] of Object.entries(LEAST)) {
    const value = settings[name as keyof typeof LEAST];
    if (typeof value === "number" && value >= least) continue;
    throw wrong(`${name} is a number from ${least} upwards, not ${String(value)}`);
  }
}

function oneOf(name: string, value: unknown, values: readonly string[]): void {
  if (values.includes(value as string)) return;
  throw wrong(`${name} is ${values.map((known) => `"${known}"`).join(" or ")}, not ${String(value)}`);
}

function wrong(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_OPTION", message);
}
