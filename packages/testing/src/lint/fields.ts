// Fields that an app sends: a list of pairs, names that are tokens, values that cannot split a message.
// Sources: ASGI www 2.5 "Response Start"; RFC 9110 §5.1, §5.5, §7.6.1; RFC 9112 §6.

import { isFieldValue, isToken } from "@tsgi/core";
import type { RequirementId } from "../requirements/requirements.ts";
import { isIterableObject, seen } from "./event-values.ts";
import type { Fault } from "./lint-error.ts";

/** A field, checked. */
export type Field = readonly [name: string, value: string];

/** Whether names must be in lower case, as ASGI asks, or may be in any, as PEP 3333 lets them. */
export type HeaderCase = "lower" | "any";

/** Fields that only a server may write on HTTP/1; `connection` and `trailer` have rules of their own. */
const SERVER_FIELDS: ReadonlySet<string> = new Set([
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

const DIGITS = /^\d{1,15}$/;

/**
 * Checks a list of fields and returns it as an array, so that an iterable which can be walked only once is not used up.
 *
 * @param rule - The rule that a malformed field breaks here.
 * @param where - What the fields belong to, for the message.
 */
export function checkFields(
  headers: unknown,
  rule: RequirementId,
  where: string,
  headerCase: HeaderCase,
  fault: Fault,
): Field[] {
  if (!isIterableObject(headers)) {
    fault("A5", `the headers of ${where} are pairs in an array, not ${seen(headers)}`);
    return [];
  }
  const fields: Field[] = [];
  for (const header of headers) {
    const [name, value] = (Array.isArray(header) ? header : []) as unknown[];
    if (
      !Array.isArray(header) ||
      header.length !== 2 ||
      typeof name !== "string" ||
      typeof value !== "string"
    ) {
      fault("A5", `a header of ${where} is a pair of strings, not ${seen(header)}`);
      continue;
    }
    if (!isToken(name)) fault(rule, `${seen(name)} in ${where} is no header name`);
    else if (headerCase === "lower" && name !== name.toLowerCase()) {
      fault(rule, `the header name ${seen(name)} in ${where} is not in lower case`);
    }
    if (!isFieldValue(value)) {
      fault(
        rule,
        `the value of ${name} in ${where} has a control character or one above 0xFF: ${seen(value)}`,
      );
    }
    fields.push([name, value]);
  }
  return fields;
}

/**
 * Checks what the fields of a response head say about framing, and returns the length they declare, or -1.
 *
 * @param trailers - Whether the start announces trailers: then a `trailer` field may list them.
 */
export function checkFraming(
  fields: readonly Field[],
  status: number,
  trailers: boolean,
  fault: Fault,
): number {
  let length = -1;
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (SERVER_FIELDS.has(lower)) fault("A38", `${name} is the server's to send, not an app's`);
    else if (lower === "connection" && value.trim().toLowerCase() !== "close") {
      fault("A38", `an app may ask for "connection: close" and nothing else, not ${seen(value)}`);
    } else if (lower === "trailer" && !trailers) {
      fault("A38", "a trailer field announces trailers that the start does not");
    } else if (lower === "content-length") {
      if (!DIGITS.test(value) || (length !== -1 && length !== Number(value))) {
        fault("A40", `content-length is one number of bytes, not ${seen(value)}`);
      }
      if (status === 204) fault("A48", "a 204 has no content-length");
      length = Number(value);
    }
  }
  return length;
}
