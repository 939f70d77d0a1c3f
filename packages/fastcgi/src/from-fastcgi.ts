// A FastCGI upstream (PHP-FPM, fcgiwrap, any) as a portable app: for every server that runs one.
// Sources: FastCGI 1.0; RFC 3875; requirements FC1 to FC26; docs/interface.md "The faster door".

import {
  HttpExchange,
  SERVE,
  UnsupportedScopeError,
  logToConsole,
  runApp,
  type AsgiApp,
  type Log,
  type Receive,
  type Send,
} from "@tsgi/core";
import { fastCgiSettings, type FromFastCgiOptions } from "./from-fastcgi-options.ts";
import { Gateway } from "./gateway.ts";
import { serveUpstream } from "./serve-upstream.ts";
import { targetsOf, type FastCgiTarget } from "./target.ts";

/**
 * Makes an app of a FastCGI application. The app's lifespan closes the connections; without one, those that are idle keep no process
 * alive. Scopes other than `http` and `lifespan` are refused with {@link UnsupportedScopeError}.
 *
 * @param target - Where it listens; of several the least busy that can be reached.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for a target or an option that makes no sense.
 * @example
 * export default fromFastCgi("unix:/run/php/php8.2-fpm.sock", { php: { root: "/srv/www" } });
 */
export function fromFastCgi(
  target: FastCgiTarget | readonly FastCgiTarget[],
  options: FromFastCgiOptions = {},
): AsgiApp {
  const settings = fastCgiSettings(options);
  const gateway = new Gateway(targetsOf(target), settings);
  const app: AsgiApp = (scope, receive, send) => {
    if (scope.type === "lifespan") return live(gateway, receive, send);
    if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
    return serveUpstream(gateway, scope, receive, send, settings.log ?? logToConsole);
  };
  app[SERVE] = (init, transport) => {
    const log: Log = settings.log ?? ((level, message, error) => transport.log(level, message, error));
    runApp(
      (scope, receive, send) => {
        if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
        return serveUpstream(gateway, scope, receive, send, log);
      },
      new HttpExchange(init, transport),
    );
  };
  return app;
}

/** Nothing is opened at startup: an upstream may well start later than its gateway. */
async function live(gateway: Gateway, receive: Receive, send: Send): Promise<void> {
  await receive();
  await send({ type: "lifespan.startup.complete" });
  await receive();
  gateway.close();
  await send({ type: "lifespan.shutdown.complete" });
}
