// A portable app as a handler of Hono, as a middleware, and as what `mount` takes.
// Sources: Hono "Routing", "mount"; ASGI HTTP 2.5 "Connection Scope"; docs/interface.md, "The faster door".

import type { Context } from "hono";
import {
  EmbeddedLifespan,
  SERVE,
  checkApp,
  checkOptions,
  serve,
  type AsgiApp,
  type Lifespan,
  type LifespanOptions,
  type OptionNames,
} from "@tsgi/core";
import { FETCH_OPTIONS, toFetch, type ExecutionContextLike, type ToFetchOptions } from "@tsgi/fetch";
import { withFieldsInFront } from "./behind-middleware.ts";
import { complete, executionContextOf, type Call } from "./call.ts";
import { HANDED_ON, alreadySent, matchTarget, nodeBindingsOf, type NodeBindings } from "./native-pair.ts";
import type { Routes } from "./place.ts";
import { loadNode, nodeListenerOf, type NodeListenerLike } from "./node-door.ts";
import { withCachedBody } from "./cached-body.ts";

/** The options of {@link toHono}: those of `toFetch`, and how it goes on Node. */
export interface ToHonoOptions extends ToFetchOptions {
  /**
   * Whether the app gets the request and response of node:http where @hono/node-server has them, @tsgi/node is installed and
   * no other handler or middleware of Hono takes part in the request. Then nothing is translated, and Hono sees a response
   * that says no more than that it is sent. `false` if something around `app.fetch` looks at responses. Default: `true`.
   */
  readonly native?: boolean;
}

const OPTIONS: OptionNames<ToHonoOptions> = { ...FETCH_OPTIONS, native: true };

/**
 * A handler (`app.all("/path/*", handler)`), a middleware (`app.use(handler)`: it always answers), or an argument of
 * `app.mount("/path", handler)`.
 */
export interface HonoHandler {
  (contextOrRequest: Context | Request, nextOrEnv?: unknown, executionContext?: unknown): Promise<Response>;
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
 * Turns an app into a handler of Hono. `root_path` is the base path of the route (`basePath`, `route`), or what `mount` cut
 * off; a route's own path is not: as every handler of Hono, the app sees the whole path. What middleware in front has set
 * with `c.header` is in the response. The first request runs the app's startup, and waits for it, unless `lifespan()` did.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * hono.all("/legacy/*", toHono(app));
 */
export function toHono<State>(app: AsgiApp<State>, options: ToHonoOptions = {}): HonoHandler {
  checkApp(app);
  checkOptions(options, OPTIONS);
  const { native = true, lifespan, ...given } = options;
  let serving = app as AsgiApp;
  let shared: ToFetchOptions = { ...given, lifespan: "off" };
  // The call that the door below is for: it is opened in the same turn.
  let current: Call | null = null;
  const placed: AsgiApp = (scope, receive, send) => serving(scope, receive, send);
  placed[SERVE] = (scope, transport) => {
    if (current !== null) complete(scope, transport, current);
    current = null;
    serve(serving, scope, transport);
  };
  let throughFetch = toFetch(placed, shared);
  let listener: NodeListenerLike | null = null;

  const answer = (call: Call): Promise<Response> => {
    current = call;
    const response = throughFetch(call.request, call.env, call.executionContext);
    current = null;
    return response;
  };

  const answerNative = (
    call: Call,
    { incoming, outgoing }: NodeBindings,
    listen: NodeListenerLike,
  ): Promise<Response> => {
    current = call;
    listen(incoming, outgoing);
    current = null;
    return alreadySent();
  };

  const answerByFetch = (
    context: Context,
    routes: Routes,
    bindings: NodeBindings | null,
  ): Promise<Response> => {
    const { req, env } = context;
    const executionContext = executionContextOf(context);
    const call: Call = { request: req.raw, env, executionContext, context, routes, bindings, native: false };
    const cached = withCachedBody(req);
    const answered = cached === null ? answer(call) : cached.then((request) => answer({ ...call, request }));
    return isAlone(routes, handler)
      ? answered
      : answered.then((response) => withFieldsInFront(context, response));
  };

  const answerContext = (context: Context): Promise<Response> => {
    const { req, env } = context;
    const bindings = nodeBindingsOf(env);
    const routes = req.matchedRoutes;
    const isNative =
      native && bindings !== null && isAlone(routes, handler) && isOwn(req.raw, routes, bindings);
    if (!isNative) return answerByFetch(context, routes, bindings);
    const executionContext = undefined;
    const call: Call = { request: req.raw, env, executionContext, context, routes, bindings, native: true };
    if (listener !== null) return answerNative(call, bindings, listener);
    return loadNode().then((node) => {
      if (node === null) return answerByFetch(context, routes, bindings);
      listener ??= nodeListenerOf(node, placed, shared);
      return answerNative(call, bindings, listener);
    });
  };

  const { state = null, log } = given;
  const embedded = new EmbeddedLifespan(
    serving,
    { state, ...(lifespan !== undefined && { mode: lifespan }), ...(log !== undefined && { log }) },
    (started, left) => {
      serving = started;
      shared = { ...shared, state: left };
      throughFetch = toFetch(placed, shared);
      listener = null;
    },
  );

  const answerAny = (first: Context | Request, second: unknown, third: unknown): Promise<Response> => {
    if ("req" in first) return answerContext(first);
    return answer({
      request: first,
      env: second,
      executionContext: third as ExecutionContextLike | undefined,
      context: null,
      routes: [],
      bindings: nodeBindingsOf(second),
      native: false,
    });
  };
  const answerStarted: typeof answerAny = (first, second, third) =>
    embedded.ready
      ? answerAny(first, second, third)
      : embedded.startup().then(() => answerAny(first, second, third));
  const handler: HonoHandler = Object.assign(answerStarted, {
    lifespan: (lifespanOptions?: LifespanOptions) => embedded.start(lifespanOptions),
  });
  return handler;
}

/** Whether this handler is all that Hono has for a request: nothing was set in front, and nobody waits for the response. */
function isAlone(routes: Routes, handler: HonoHandler): boolean {
  return routes.length === 1 && (routes[0]?.handler as unknown) === handler;
}

/** Whether Node's request is the one that Hono has chosen the app for, and the app's to take. */
function isOwn({ url }: Request, routes: Routes, bindings: NodeBindings): boolean {
  const { incoming } = bindings;
  // HTTP/2: @hono/node-server ends a stream as soon as it has a response.
  if (HANDED_ON in bindings || "stream" in incoming) return false;
  const match = matchTarget(url, incoming);
  if (match !== "normalised") return match === "same";
  // Where a path was what chose the app, the app must not see another.
  const path = routes[0]?.path;
  return path === "*" || path === "/*";
}
