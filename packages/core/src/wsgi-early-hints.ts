// wsgi.early_hints: a 103 response before the final one.
// Sources: RFC 8297; gunicorn's `wsgi.early_hints`; ASGI extensions, "Early Hints".

import type { WsgiHeader } from "./pep3333.ts";
import { flatFields } from "./response-head.ts";
import type { Outlet } from "./wsgi-outlet.ts";

/**
 * The function for one request. Made here and not where it is used: as a closure of the method that serves the request, it
 * has V8 12.4 (Node 22) keep dead requests in its young generation, which made a small request 1.4 times as dear.
 */
export function earlyHints(outlet: Outlet): (headers: Iterable<WsgiHeader>) => void {
  return (headers) => sendEarlyHints(outlet, headers);
}

/**
 * Sends the hints. Fields other than Link go along where the server can send any interim response.
 *
 * @throws {@link GatewayError} `TSGI_ERR_HEADER` for what is no header; `TSGI_ERR_EVENT_ORDER` once the response has begun.
 */
function sendEarlyHints(outlet: Outlet, headers: Iterable<WsgiHeader>): void {
  const fields = flatFields(headers, () => true);
  const pairs: WsgiHeader[] = [];
  const links: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    pairs.push([name, value]);
    if (name.toLowerCase() === "link") links.push(value);
  }
  if (pairs.length > links.length && outlet.scope.extensions["tsgi.informational"] !== undefined) {
    outlet.sendInterim({ type: "tsgi.informational", status: 103, headers: pairs });
  } else if (links.length > 0) {
    outlet.sendInterim({ type: "http.response.early_hint", links });
  }
}
