// A response head on top of what something in front has set: a framework's cookies, its X-Powered-By.
// Source: https://nodejs.org/docs/latest-v20.x/api/http.html#responsewriteheadstatuscode-statusmessage-headers.

import { OutgoingMessage, type ServerResponse } from "node:http";

/**
 * Whether something in front has set fields, has set and removed some, or has put itself in the way of those to come
 * (npm's `on-headers`).
 */
export function isTouched(res: ServerResponse): boolean {
  return Object.hasOwn(res, "writeHead") || (res as { [SET_FIELDS]?: unknown })[SET_FIELDS] !== null;
}

/**
 * Where Node keeps fields that were set: `null` while none ever was. Once there is a place for them `writeHead` with a list
 * puts them there, one value of each name, even if all were removed again.
 */
const SET_FIELDS: unique symbol = Object.getOwnPropertySymbols(new OutgoingMessage()).find(
  ({ description }) => description === "kOutHeaders",
) as typeof SET_FIELDS;

/**
 * Has what was written leave, through a compression in front that would wait for more. An app's pieces are not held back
 * (PEP 3333 "Buffering and Streaming").
 */
export function flushThrough(res: ServerResponse): void {
  const { flush } = res as { flush?: unknown };
  if (typeof flush === "function" && Object.hasOwn(res, "flush")) flush.call(res);
}

/**
 * Writes a head, fields flat. A field replaces what was set under its name, but cookies come on top. `writeHead` with a
 * list would keep one value of each name only.
 */
export function writeHeadOver(
  res: ServerResponse,
  status: number,
  reason: string | null,
  fields: readonly string[],
): void {
  // By name in lower case; the app's own case of it comes first in the list.
  const values = new Map<string, string[]>();
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const key = name.toLowerCase();
    const list = values.get(key);
    if (list === undefined) values.set(key, [name, fields[i + 1] as string]);
    else list.push(fields[i + 1] as string);
  }
  // How the body is framed, and what follows it, is for who writes it to say.
  for (const name of ["content-length", "transfer-encoding", "trailer"])
    if (res.hasHeader(name)) res.removeHeader(name);
  for (const [key, [name = key, first = "", ...more]] of values) {
    if (key === "set-cookie") res.appendHeader(name, [first, ...more]);
    else res.setHeader(name, more.length === 0 ? first : [first, ...more]);
  }
  // As an argument, because Node takes an empty statusMessage for none.
  if (reason === null) res.writeHead(status);
  else res.writeHead(status, reason);
}
