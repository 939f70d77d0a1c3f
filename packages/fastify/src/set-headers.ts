// What hooks have set on a Fastify reply, laid on the response below it, where the app's head then comes on top.
// Source: https://fastify.dev/docs/latest/Reference/Reply/#headerkey-value: Fastify keeps them apart until it sends.

import type { FastifyReply } from "fastify";

/** Sets on `reply.raw` what `reply.header` was called with. Cookies set on either are kept, each once. */
export function layHeaders(reply: FastifyReply): void {
  const { raw } = reply;
  const headers = headersOf(reply);
  for (const name in headers) {
    const value = headers[name];
    const before = raw.getHeader(name);
    if (value === undefined || value === before) continue;
    if (name === "set-cookie" && before !== undefined) raw.setHeader(name, cookiesOf(before, value));
    else raw.setHeader(name, value);
  }
}

type Fields = ReturnType<FastifyReply["getHeaders"]>;

/**
 * Where a reply keeps them. `getHeaders` copies them, and those of the response, for each request. Looked for again where there
 * is more than one Fastify.
 */
let place: symbol | undefined;

function headersOf(reply: FastifyReply): Fields {
  const own = reply as unknown as Record<symbol, Fields | undefined>;
  const known = place === undefined ? undefined : own[place];
  if (known !== undefined) return known;
  place = Object.getOwnPropertySymbols(reply).find(
    ({ description }) => description === "fastify.reply.headers",
  );
  return place === undefined ? reply.getHeaders() : (own[place] as Fields);
}

/** Cookies that were set before, and those set since, which may repeat them. */
export function cookiesOf(before: number | string | string[], since: unknown): string[] {
  const later = (Array.isArray(since) ? since : [since]).map(String);
  const earlier = (Array.isArray(before) ? before : [before]).map(String);
  return [...earlier.filter((cookie) => !later.includes(cookie)), ...later];
}
