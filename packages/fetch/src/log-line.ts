// The default log: the console. No line of it can be taken for another line of the log, or drive a terminal.
// Source: requirement S30.

import type { LogLevel } from "@tsgi/core";

/** Where a line for the operator goes. */
export type Log = (level: LogLevel, message: string, error?: unknown) => void;

/** One line, and below it, indented, the error's stack. */
export const logToConsole: Log = (level, message, error) => {
  const detail = error === undefined ? "" : `\n${describe(error)}`;
  console.error(`tsgi ${level}: ${escapeControls(message)}${detail}`);
};

function describe(error: unknown): string {
  return textOf(error)
    .split("\n")
    .map((line) => `  ${escapeControls(line)}`)
    .join("\n");
}

/** Anything may be thrown, with getters that throw in turn. */
function textOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return Object.prototype.toString.call(error);
    const { stack, cause } = error;
    const own = typeof stack === "string" && stack !== "" ? stack : `${error.name}: ${error.message}`;
    return cause instanceof Error ? `${own}\ncaused by ${cause.stack ?? cause.message}` : own;
  } catch {
    return "an error that cannot be shown";
  }
}

/** Controls, line separators, what turns the direction of text, what is not seen, and halves of characters. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function escapeControls(text: string): string {
  return text.replace(UNSHOWN, (found) => `\\u{${(found.codePointAt(0) as number).toString(16)}}`);
}
