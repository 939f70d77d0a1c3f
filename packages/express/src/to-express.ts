// A portable app as an Express middleware. What a connect-style framework does to a request, toNode's listener understands.
// Source: https://expressjs.com/en/5x/api.html; requirements X6 (mount prefix), X21 (body), X30 (errors).

import type { IncomingMessage, ServerResponse } from "node:http";
import {
  GatewayError,
  checkApp,
  checkOptions,
  startLifespan,
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
   * Where an error of the app goes as long as nothing was sent. `"respond"`: it is logged, and answered 500. `"next"`: it
   * goes to Express's error handlers, with the request. Later the response is cut in either case. Default: `"respond"`.
   */
  readonly errors?: "respond" | "next";
  /**
   * Whether `scope.client` and `scope.scheme` are Express's `req.ip` and `req.protocol` where its setting `trust proxy` is on.
   * Default: `true`.
   */
  readonly trustProxy?: boolean;
}

/** A middleware, or a route handler, of Express. */
export interface ExpressMiddleware {
  (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): void;
  /**
   * Runs the app's startup; to be awaited before Express listens. From then on requests have what it left in `scope.state`.
   * A second call gives the same promise.
   *
   * @returns The lifespan, whose `shutdown()` is to be called once Express's server has closed.
   * @throws {@link GatewayError} `TSGI_ERR_LIFESPAN` if the startup failed, `TSGI_ERR_LIFESPAN_TIMEOUT` if it took too long,
   * `TSGI_ERR_OPTION` if an option makes no sense.
   */
  lifespan(options?: LifespanOptions): Promise<Lifespan>;
}

const OPTIONS: OptionNames<ToExpressOptions> = { ...NODE_OPTIONS, errors: true, trustProxy: true };

/**
 * Turns an app into an Express middleware, for `use` at any path, routes, and routers at any depth; Express 4 and 5.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * const server = express();
 * server.use("/api", toExpress(app));
 */
export function toExpress<State>(app: AsgiApp<State>, options: ToExpressOptions = {}): ExpressMiddleware {
  checkApp(app);
  checkOptions(options, OPTIONS);
  const { errors = "respond", trustProxy = true, ...rest } = options;
  if (errors !== "respond" && errors !== "next") {
    throw new GatewayError("TSGI_ERR_OPTION", `errors is "respond" or "next", not ${JSON.stringify(errors)}`);
  }
  const front: Front = {
    forwarded: trustProxy ? forwarded : (): null => null,
    passErrors: errors === "next",
  };
  const listenerWith = (state: object | null): ConnectListener =>
    listenerBehind(app as AsgiApp, { ...rest, state }, front);
  let listener = listenerWith(rest.state ?? null);
  let started: Promise<Lifespan> | null = null;
  const start = async (lifespanOptions: LifespanOptions): Promise<Lifespan> => {
    const lifespan = await startLifespan(app, lifespanOptions);
    if (lifespan.state !== null) listener = listenerWith(lifespan.state);
    return lifespan;
  };
  const middleware: ConnectListener = (req, res, next) =>
    listener(req, res, (error) => next(passable(error)));
  return Object.assign(middleware, {
    lifespan: (lifespanOptions: LifespanOptions = {}) => (started ??= start(lifespanOptions)),
  });
}

/** What Express takes for an error: `next()` without one, or with "route" or "router", means something else. */
function passable(error: unknown): object {
  if (typeof error === "object" && error !== null) return error;
  return new Error(`The app threw ${JSON.stringify(error) ?? typeof error}, which is no error`, {
    cause: error,
  });
}
