// A body that something in front has read by the methods of Hono's request, which keeps it: given again.
// Source: Hono "HonoRequest"; `cloneRawRequest` of hono/request does the same, with a JSON body made anew.

import type { HonoRequest } from "hono";

/**
 * The request with its body, if it was read and kept; `null` if the request is good as it is, or lost: then toFetch says so.
 * A parsed form is no body any more: its boundary and its order are gone.
 */
export function withCachedBody(req: HonoRequest): Promise<Request> | null {
  const { raw, bodyCache } = req;
  if (!raw.bodyUsed || bodyCache.formData !== undefined) return null;
  if (Object.keys(bodyCache).length === 0) return null;
  return req.arrayBuffer().then((body) => {
    const { url, method, headers, signal } = raw;
    return new Request(url, { method, headers, body, signal });
  });
}
