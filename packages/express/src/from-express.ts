// An Express app, or a router, as a portable app: what `app.listen` would do with each request.
// Source: https://expressjs.com/en/5x/api.html#app.listen; lib/application.js of Express 4 and 5.

import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError, checkOptions, type AsgiApp, type OptionNames } from "@tsgi/core";
import { fromNode, type RequestListener } from "@tsgi/node";
import { expressClasses, isExpressApp } from "./express-classes.ts";
import { routerListener } from "./router-listener.ts";

/** The options of {@link fromExpress}. */
export interface FromExpressOptions {
  /**
   * As in `fromNode`: how long an ended response waits for the next piece of a request body that Express still reads, in
   * milliseconds, where there is no pair of Node's own. Default: 1000.
   */
  readonly lingerTimeout?: number;
}

const OPTIONS: OptionNames<FromExpressOptions> = { lingerTimeout: true };

/**
 * An Express app, a router, or a middleware: whatever the version, and the types, of Express. A method, so that one that takes
 * Express's own request is one as well.
 */
type ExpressFunction = {
  handle(req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void): unknown;
}["handle"];

/**
 * Turns an Express app (4 or 5) into a portable one. It answers as it would by its own `listen`: its 404, its error pages,
 * its settings. A router, or a middleware, is answered for where it calls `next`: with 404, or the status of the error.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * const shop = express();
 * export default fromExpress(shop);
 */
export function fromExpress(app: ExpressFunction, options: FromExpressOptions = {}): AsgiApp {
  if (typeof app !== "function") {
    throw new GatewayError("TSGI_ERR_OPTION", "fromExpress takes an Express app or a router: express()");
  }
  checkOptions(options, OPTIONS);
  if (!isExpressApp(app)) return fromNode(routerListener(app), options);
  const listener = app as unknown as RequestListener;
  return fromNode(listener, { ...options, ...expressClasses(app) });
}
