// The assertions of the suite: few, and of no test runner, so that a case runs in any process on either side of the wire.

import { isBytes, latin1Decode } from "@tsgi/core";

/** What a case found wrong, seen by its client or inside its app. */
export class CaseFailure extends Error {
  override readonly name: string = "CaseFailure";
}

/** Fails, and says why. */
export function fail(what: string): never {
  throw new CaseFailure(what);
}

/** Fails unless the condition holds. */
export function ok(condition: unknown, what: string): asserts condition {
  if (!condition) fail(what);
}

/** Fails unless both are equal, deeply; bytes are equal to bytes of the same octets. */
export function equal(actual: unknown, expected: unknown, what: string = "the value"): void {
  if (!same(actual, expected)) fail(`${what} is ${show(actual)}, expected ${show(expected)}`);
}

/** Fails unless the text matches. */
export function matches(actual: unknown, pattern: RegExp, what: string = "the text"): void {
  if (typeof actual !== "string" || !pattern.test(actual))
    fail(`${what} is ${show(actual)}, expected ${String(pattern)}`);
}

/** Fails unless the promise is rejected with an error of this code; gives the error. */
export async function rejects(
  promise: Promise<unknown>,
  code: string | RegExp,
  what: string,
): Promise<unknown> {
  let error: unknown;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  return hasCode(error, code, what);
}

/** Fails unless the function throws an error of this code at once; gives the error. */
export function throws(run: () => unknown, code: string | RegExp, what: string): unknown {
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  return hasCode(error, code, what);
}

function hasCode(error: unknown, expected: string | RegExp, what: string): unknown {
  if (error === undefined) fail(`${what} is refused: no error came`);
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const fits = typeof expected === "string" ? code === expected : expected.test(String(code));
  if (!fits) fail(`${what} is refused with ${String(expected)}, not ${show(code)}: ${show(message)}`);
  return error;
}

/** Whether two values are equal, deeply. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isBytes(a) || isBytes(b)) return isBytes(a) && isBytes(b) && sameBytes(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((octet, i) => octet === b[i]);
}

/** A string in quotes and in ASCII, for the name of a case. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A value for a message, shortened. */
export function show(value: unknown): string {
  const text = isBytes(value)
    ? `bytes ${JSON.stringify(latin1Decode(value.subarray(0, 200)))}`
    : describe(value);
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
