// A local redirect: another path of the same server is asked for in place of the client, which never learns of it.
// Source: RFC 3875 §6.2.2; requirement CH18.

import {
  EMPTY,
  GatewayError,
  decodePath,
  deriveScope,
  splitTarget,
  type AsgiApp,
  type HttpScope,
  type Receive,
  type Send,
} from "@tsgi/core";

/** The most local redirects of one request; one more is answered 500. */
export const MAX_REDIRECTS = 10;

/** How many redirects a scope has behind it. A symbol, so that every copy of the scope has it. */
const REDIRECTS = Symbol.for("tsgi.cgi.redirects");

/** What belongs to the body of the request that was redirected. */
const OF_THE_BODY: ReadonlySet<string> = new Set([
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "transfer-encoding",
]);

/**
 * Has an app serve the path, as a GET without a body of the same client.
 *
 * @throws {@link GatewayError} `TSGI_ERR_REDIRECTS` after {@link MAX_REDIRECTS}.
 */
export async function redirect(
  app: AsgiApp,
  location: string,
  scope: HttpScope,
  receive: Receive,
  send: Send,
): Promise<void> {
  const before = (scope as { [REDIRECTS]?: number })[REDIRECTS] ?? 0;
  if (before >= MAX_REDIRECTS) {
    throw new GatewayError(
      "TSGI_ERR_REDIRECTS",
      `The request was redirected more than ${MAX_REDIRECTS} times`,
    );
  }
  const { rawPath, query } = splitTarget(location);
  const there: HttpScope = deriveScope(scope, {
    method: "GET",
    path: decodePath(rawPath),
    raw_path: rawPath,
    query_string: query,
    root_path: "",
    headers: scope.headers.filter(([name]) => !OF_THE_BODY.has(name)),
    rawHeaders: null,
  });
  (there as { [REDIRECTS]?: number })[REDIRECTS] = before + 1;
  await app(there, withoutBody(receive), send);
}

/** No body, and then the disconnect: what is left of the client's body is for nobody. */
function withoutBody(receive: Receive): Receive {
  let asked = false;
  return async () => {
    if (!asked) {
      asked = true;
      return { type: "http.request", body: EMPTY, more_body: false };
    }
    for (;;) {
      const event = await receive();
      if (event.type !== "http.request") return event;
    }
  };
}
