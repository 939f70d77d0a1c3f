// A portable app as a fetch handler: for Bun.serve, Deno.serve, a Worker, and whatever else calls (Request) => Response.

import { checkApp, serve, type AsgiApp } from "@tsgi/core";
import type { ExecutionContextLike } from "./execution-context.ts";
import { fetchSettings, type ToFetchOptions } from "./fetch-settings.ts";
import { FetchTransport, plain } from "./fetch-transport.ts";
import { scopeOfRequest } from "./make-request.ts";
import { isHost } from "./request-url.ts";

/** A fetch handler, with the arguments of every runtime: Bun passes its server second, Deno its info, Workers their bindings. */
export type FetchFunction = (
  request: Request,
  env?: unknown,
  executionContext?: ExecutionContextLike,
) => Promise<Response>;

/**
 * Turns an app into a fetch handler. The promise resolves as soon as the head of the response is known, and never rejects.
 * Lifespan is not run: `startLifespan` of core gives the `state` to pass.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * export default { fetch: toFetch(app) };
 */
export function toFetch<State>(app: AsgiApp<State>, options: ToFetchOptions = {}): FetchFunction {
  checkApp(app);
  const settings = fetchSettings(options);
  return (request, env, executionContext) => {
    const refusal = refusalOf(request, settings.maxBodySize);
    if (refusal !== 0) return Promise.resolve(plain(refusal));
    return new Promise((resolve) => {
      const transport = new FetchTransport(request, env, executionContext, settings, resolve);
      serve(app, transport.scope, transport);
      transport.watch();
    });
  };
}

/** The status a request is refused with, or 0. One of our own has been looked at by its server, and its headers stay unmade. */
function refusalOf(request: Request, maxBodySize: number): number {
  if (scopeOfRequest(request) !== null) return 0;
  const { headers } = request;
  const host = headers.get("host");
  // A runtime may have made its URL of it without a look.
  if (host !== null && host !== "" && !isHost(host)) return 400;
  return maxBodySize !== Infinity && Number(headers.get("content-length")) > maxBodySize ? 413 : 0;
}
