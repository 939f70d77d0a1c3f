// A response of ours behind middleware of Hono's: what that has set with `c.header` or in `c.res` is in it, cookies of both sides.
// Source: Hono "Context": a handler that returns a Response of its own loses the one, and its own cookies to the other.

import type { Context } from "hono";

type Init = Parameters<Context["newResponse"]>[1];

/**
 * The response with what was set in front. A field of the app replaces one of the same name, but cookies and Vary come on top:
 * a cache that knows of one Vary only would mix up the answers of the other.
 */
export function withFieldsInFront(context: Context, response: Response): Response {
  const { status, body } = response;
  const headers = new Headers(response.headers);
  for (const cookie of headers.getSetCookie()) context.header("set-cookie", cookie, { append: true });
  const vary = headers.get("vary");
  if (vary !== null) context.header("vary", vary, { append: true });
  headers.delete("set-cookie");
  headers.delete("vary");
  for (const name of headers.keys()) context.header(name, undefined);
  return context.newResponse(body, { status, headers } as Init);
}
