// Cookies that something in front has set on the response Fastify is given: Fastify's own would take their place.
// Source: lib/reply.js: headers go out by `writeHead` with an object, or by `setHeader` before a stream.

import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { cookiesOf } from "./set-headers.ts";

/** Has cookies that are set on a response from now on come on top of those it has. */
export function keepCookies(res: ServerResponse): void {
  const before = res.getHeader("set-cookie") as string | string[];
  const { setHeader, writeHead } = res;
  res.setHeader = (name, value) =>
    setHeader.call(res, name, isCookie(name) ? cookiesOf(before, value) : value);
  res.writeHead = (status: number, ...rest: unknown[]) => {
    const fields = rest.at(-1);
    if (typeof fields === "object" && fields !== null && !Array.isArray(fields)) {
      rest[rest.length - 1] = withCookies(fields as OutgoingHttpHeaders, before);
    }
    return writeHead.apply(res, [status, ...rest] as unknown as Parameters<typeof writeHead>);
  };
}

function withCookies(fields: OutgoingHttpHeaders, before: string | string[]): OutgoingHttpHeaders {
  const name = Object.keys(fields).find(isCookie);
  if (name === undefined) return fields;
  return { ...fields, [name]: cookiesOf(before, fields[name]) };
}

function isCookie(name: string): boolean {
  return name.length === 10 && name.toLowerCase() === "set-cookie";
}
