// What hooks have set on a Fastify reply, laid on the response below it, where the app's head then comes on top.
// Source: https://fastify.dev/docs/latest/Reference/Reply/#headerkey-value: Fastify keeps them apart until it sends.

import type { FastifyReply } from "fastify";

/** Sets on `reply.raw` what `reply.header` was called with. Cookies set on either are kept, each once. */
export function layHeaders(reply: FastifyReply): void {
  const { raw } = reply;
  const headers = reply.getHeaders();
  for (const name in headers) {
    const value = headers[name];
    const before = raw.getHeader(name);
    if (value === undefined || value === before) continue;
    if (name === "set-cookie" && before !== undefined) raw.setHeader(name, cookiesOf(before, value));
    else raw.setHeader(name, value);
  }
}

/** Cookies that were set before, and those set since, which may repeat them. */
export function cookiesOf(before: number | string | string[], since: unknown): string[] {
  const later = (Array.isArray(since) ? since : [since]).map(String);
  const earlier = (Array.isArray(before) ? before : [before]).map(String);
  return [...earlier.filter((cookie) => !later.includes(cookie)), ...later];
}
