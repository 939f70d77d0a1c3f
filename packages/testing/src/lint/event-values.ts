// Which JavaScript values may stand in events and scopes, and how a value is named in a finding.
// Source: ASGI 3.0 "Events": strings, bytes, integers, floats, arrays, plain objects, booleans and null.

import { isBytes } from "@tsgi/core";

/** How deep a value is looked into: a cyclic one is found by its depth. */
const MAX_DEPTH = 32;

/** Whether the prototype is `Object.prototype` or `null`. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Another realm's Object.prototype is the end of a chain too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether this is one of the types of events all the way down; `undefined` stands for an absent key. */
export function isEventValue(value: unknown, depth: number = 0): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return true;
    case "number":
      return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    case "object":
      break;
    default:
      return false;
  }
  if (value === null || isBytes(value)) return true;
  if (depth === MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isEventValue(item, depth + 1));
  return isPlainObject(value) && Object.values(value).every((item) => isEventValue(item, depth + 1));
}

/** Whether a value can be iterated as headers and links are: an object, not a string. */
export function isIterableObject(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** Names a value for a message, in at most about 100 characters. */
export function seen(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 90 ? `${value.slice(0, 90)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return String(value);
  if (isBytes(value)) return `a Uint8Array of ${value.byteLength} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isPlainObject(value))
    return `an object with the keys ${JSON.stringify(Object.keys(value).slice(0, 5))}`;
  const name: unknown = (value.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === "string" && name !== "" ? `a ${name}` : "an object";
}
