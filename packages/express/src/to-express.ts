// A portable app as an Express middleware. What a connect-style framework does to a request, toNode's listener understands.
// Source: https://expressjs.com/en/5x/api.html; requirements X6 (mount prefix), X21 (body), X30 (errors).

import type { IncomingMessage, ServerResponse } from "node:http";
import {
  EmbeddedLifespan,
  checkApp,
  checkOptions,
  type AsgiApp,
  type Lifespan,
  type LifespanOptions,
  type OptionNames,
} from "@tsgi/core";
import { NODE_OPTIONS, listenerBehind, type ConnectListener, type Front, type NodeOptions } from "@tsgi/node";
import { forwarded } from "./trust-proxy.ts";

/** The options of {@link toExpress}: its own, and those of `toNode`. */
export interface ToExpressOptions extends NodeOptions {
  /**
   * Whether an error of the app goes to Express's error handlers, with the request, as long as nothing was sent; else it
   * is logged, and answered 500. Later the response is cut in either case. Default: `false`.
   */
  readonly passErrors?: boolean;
  /**
   * Whether `scope.client` and `scope.scheme` are Express's `req.ip` and `req.protocol` where its setting `trust proxy` is on.
   * Default: `true`.
   */
  readonly trustProxy?: boolean;
  /**
   * Whether the first request runs the app's startup, and waits for it; see `mode` of core's `startLifespan`. Default:
   * `"auto"`, and `"off"` where `state` is given.
   */
  readonly lifespan?: "auto" | "on" | "off";
}

/** A middleware, or a route handler, of Express. */
export interface ExpressMiddleware {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void;
  /**
   * Runs the app's startup, before the first request would. A second call gives the same promise.
   *
   * @returns The lifespan, whose `shutdown()` is to be called once Express's server has closed.
   * @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` if the startup failed, `TSGI_ERR_LIFESPAN_TIMEOUT` if it took too long,
   * `TSGI_ERR_OPTION` if an option makes no sense.
   */
  lifespan(options?: LifespanOptions): Promise<Lifespan>;
}

const OPTIONS: OptionNames<ToExpressOptions> = {
  ...NODE_OPTIONS,
  passErrors: true,
  trustProxy: true,
  lifespan: true,
};

/**
 * Turns an app into an Express middleware, for `use` at any path, routes, and routers at any depth; Express 4 and 5.
 * The first request runs the app's startup, and waits for it, unless `lifespan()` of the middleware did.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * const server = express();
 * server.use("/api", toExpress(app));
 */
export function toExpress<State>(app: AsgiApp<State>, options: ToExpressOptions = {}): ExpressMiddleware {
  checkApp(app);
  checkOptions(options, OPTIONS);
  const { passErrors = false, trustProxy = true, lifespan, ...rest } = options;
  const { state = null, log } = rest;
  const front: Front = {
    forwarded: trustProxy ? forwarded : (): null => null,
    passErrors,
  };
  let listener = listenerBehind(app as AsgiApp, rest, front);
  const embedded = new EmbeddedLifespan(
    app as AsgiApp,
    { state, ...(lifespan !== undefined && { mode: lifespan }), ...(log !== undefined && { log }) },
    (serving, left) => {
      listener = listenerBehind(serving, { ...rest, state: left }, front);
    },
  );
  const middleware: ConnectListener = (req, res, next) => {
    const pass = (error?: unknown): void => next(passable(error));
    if (embedded.ready) listener(req, res, pass);
    else void embedded.startup().then(() => listener(req, res, pass));
  };
  return Object.assign(middleware, {
    lifespan: (lifespanOptions?: LifespanOptions) => embedded.start(lifespanOptions),
  });
}

/** What Express takes for an error: `next()` without one, or with "route" or "router", means something else. */
function passable(error: unknown): object {
  if (typeof error === "object" && error !== null) return error;
  return new Error(`The app threw ${JSON.stringify(error) ?? typeof error}, which is no error`, {
    cause: error,
  });
}
