// A portable app as a fetch handler: for Bun.serve, Deno.serve, a Worker, and whatever else calls (Request) => Response.

import { checkApp, serve, type AsgiApp } from "@tsgi/core";
import type { ExecutionContextLike } from "./execution-context.ts";
import { fetchSettings, type ToFetchOptions } from "./fetch-settings.ts";
import { FetchTransport, plain } from "./fetch-transport.ts";
import { scopeFromRequest } from "./request-scope.ts";

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
  const { maxBodySize } = settings;
  return (request, env, executionContext) => {
    if (maxBodySize !== Infinity && Number(request.headers.get("content-length")) > maxBodySize) {
      return Promise.resolve(plain(413));
    }
    return new Promise((resolve) => {
      const scope = scopeFromRequest(request, env, executionContext, settings);
      const transport = new FetchTransport(request, env, executionContext, settings, resolve);
      serve(app, scope, transport);
      transport.watch();
    });
  };
}
