// What of a response goes into STDOUT and STDERR, as octets.
// Sources: FastCGI 1.0 §6.1, §6.3 "Authorizer"; requirements F40, F44, S20, S30.

import { Buffer } from "node:buffer";
import { nativeString, type Chunk, type LogLevel, type ResponseHead } from "@tsgi/core";
import { latin1Of } from "./latin1.ts";
import type { Octets } from "./record-writer.ts";

/** A piece of bytes up to this long is copied into the one string that is written: a vectored write costs more. */
const WORTH_COPYING = 8 * 1024;

/** A piece of a body as a binary string if it is ASCII, or no longer than `most`, else as bytes. Text becomes UTF-8. */
export function octetsOf(chunk: Chunk, most: number = WORTH_COPYING): Octets {
  if (typeof chunk === "string") {
    if (Buffer.byteLength(chunk) === chunk.length) return chunk;
    return chunk.length <= most ? nativeOf(Buffer.from(chunk)) : Buffer.from(chunk);
  }
  return chunk.byteLength <= most ? nativeOf(chunk) : chunk;
}

function nativeOf(bytes: Uint8Array): string {
  return latin1Of(bytes, 0, bytes.length);
}

/** Whether an authorizer lets the client in. */
export function isGranted(head: ResponseHead): boolean {
  return head.status === 200;
}

/** What an authorizer says: if it lets the client in, only variables for the web server, and no body. */
export function authorizerHead(head: ResponseHead): ResponseHead {
  if (!isGranted(head)) return head;
  const headers: string[] = [];
  for (let i = 0; i < head.headers.length; i += 2) {
    const name = head.headers[i] as string;
    if (/^variable-./i.test(name)) headers.push(name, head.headers[i + 1] as string);
  }
  return { ...head, headers, length: -1, bodiless: true };
}

/** The longest line of STDERR, in characters; web servers cut theirs much earlier. */
const LONGEST_LINE = 4_000;

/** One line for the web server's log: no stack, and nothing that could be taken for another line. */
export function stderrLine(level: LogLevel, message: string, error: unknown): string {
  const cause = error === undefined ? "" : `: ${nameOf(error)}`;
  const line = `${level}: ${message}${cause}`.slice(0, LONGEST_LINE);
  return nativeString(`${line.replace(CONTROLS, escaped)}\n`);
}

const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

function escaped(found: string): string {
  return `\\u{${(found.codePointAt(0) as number).toString(16)}}`;
}

/** Anything may be thrown, with getters that throw in turn. */
function nameOf(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
    return typeof error === "object" ? "an object that is no error" : shownPrimitive(error);
  } catch {
    return "an error that cannot be shown";
  }
}

function shownPrimitive(value: unknown): string {
  // oxlint-disable-next-line typescript/no-base-to-string -- objects do not come here
  return String(value);
}
