// The default log of every host: the console, by its error line. Whatever is in a message or an error, no line of it can be taken for another line of
// the log, or drive a terminal, and nothing here throws. Source: requirement S30.

import type { LogLevel } from "./transport.ts";

/** Where a line for the operator goes. */
export type Log = (level: LogLevel, message: string, error?: unknown) => void;

/** The most causes of an error that are told. */
const MAX_CAUSES = 8;

/** How much is shown of a thrown object that is no error, in characters. */
const MAX_SHOWN = 1_000;

/** One line, and below it, indented, the error with its stack and its causes. */
export const logToConsole: Log = (level, message, error) => {
  const detail = error === undefined ? "" : `\n${describe(error)}`;
  console.error(`tsgi ${level}: ${escapeControls(message)}${detail}`);
};

function describe(error: unknown): string {
  const told: string[] = [];
  let cause = error;
  for (let depth = 0; depth <= MAX_CAUSES && cause !== undefined; depth += 1) {
    told.push((depth === 0 ? "" : "caused by ") + textOf(cause));
    cause = causeOf(cause);
  }
  return told
    .join("\n")
    .split("\n")
    .map((line) => `  ${escapeControls(line)}`)
    .join("\n");
}

/** Anything may be thrown, with getters that throw in turn. */
function textOf(error: unknown): string {
  try {
    // oxlint-disable-next-line typescript/no-base-to-string -- objects are shown apart
    if (!(error instanceof Error)) return typeof error === "object" ? shownObject(error) : String(error);
    const { stack } = error;
    return typeof stack === "string" && stack !== "" ? stack : `${error.name}: ${error.message}`;
  } catch {
    return "an error that cannot be shown";
  }
}

function shownObject(value: object | null): string {
  return value === null ? "null" : `an object: ${JSON.stringify(value)}`.slice(0, MAX_SHOWN);
}

function causeOf(error: unknown): unknown {
  try {
    return error instanceof Error ? error.cause : undefined;
  } catch {
    return undefined;
  }
}

/** Controls, line separators, what turns the direction of text, what is not seen, and halves of characters. */
const UNSHOWN = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]";

function escapeControls(text: string): string {
  // Not a literal, and not made before it is needed: even to read one takes a while, which a CGI program need not spend.
  return text.replace(new RegExp(UNSHOWN, "gu"), (found) => {
    const code = found.codePointAt(0) as number;
    const hex = code.toString(16);
    return code <= 0xff
      ? `\\x${hex.padStart(2, "0")}`
      : `\\u${code <= 0xffff ? hex.padStart(4, "0") : `{${hex}}`}`;
  });
}
