// A portable app as a fetch handler: for Bun.serve, Deno.serve, a Worker, and whatever else calls (Request) => Response.

import {
  EmbeddedLifespan,
  checkApp,
  serve,
  type AsgiApp,
  type Lifespan,
  type LifespanOptions,
} from "@tsgi/core";
import type { ExecutionContextLike } from "./execution-context.ts";
import { fetchSettings, type ToFetchOptions } from "./fetch-settings.ts";
import { FetchTransport, plain } from "./fetch-transport.ts";
import { scopeOfRequest } from "./make-request.ts";
import { isHost } from "./request-url.ts";

type Answer = (request: Request, env?: unknown, executionContext?: ExecutionContextLike) => Promise<Response>;

/** A fetch handler, with the arguments of every runtime: Bun passes its server second, Deno its info, Workers their bindings. */
export interface FetchFunction extends Answer {
  /**
   * Runs the app's startup, before the first request would. A second call gives the same promise.
   *
   * @returns The lifespan, whose `shutdown()` is to be called once the server has closed.
   * @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` if the startup failed, `TSGI_ERR_LIFESPAN_TIMEOUT` if it took too long,
   * `TSGI_ERR_OPTION` if an option makes no sense.
   */
  lifespan(options?: LifespanOptions): Promise<Lifespan>;
}

/**
 * Turns an app into a fetch handler. The promise resolves as soon as the head of the response is known, and never rejects.
 * The first request runs the app's startup, and waits for it, unless `lifespan()` of the handler did.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * export default { fetch: toFetch(app) };
 */
export function toFetch<State>(app: AsgiApp<State>, options: ToFetchOptions = {}): FetchFunction {
  checkApp(app);
  const settings = fetchSettings(options);
  const { log, state } = settings;
  const { lifespan } = options;
  let current = settings;
  let serving = app as AsgiApp;
  const embedded = new EmbeddedLifespan(
    serving,
    { log, state, ...(lifespan !== undefined && { mode: lifespan }) },
    (started, left) => {
      serving = started;
      current = { ...settings, state: left };
    },
  );
  const answer: Answer = (request, env, executionContext) =>
    new Promise((resolve) => {
      const transport = new FetchTransport(request, env, executionContext, current, resolve);
      serve(serving, transport.scope, transport);
      transport.watch();
    });
  const handler: Answer = (request, env, executionContext) => {
    const refusal = refusalOf(request, settings.maxBodySize);
    if (refusal !== 0) return Promise.resolve(plain(refusal));
    if (embedded.ready) return answer(request, env, executionContext);
    return embedded.startup().then(() => answer(request, env, executionContext));
  };
  return Object.assign(handler, {
    lifespan: (lifespanOptions?: LifespanOptions) => embedded.start(lifespanOptions),
  });
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
