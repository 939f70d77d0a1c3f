// A portable app as a Fastify plugin: every request below its prefix, whatever the method and the body.
// Sources: https://fastify.dev/docs/latest/Reference/Lifecycle/, Reference/Hooks/, Reference/Encapsulation/.

import { checkApp, checkOptions, startLifespan, type AsgiApp, type Lifespan } from "@tsgi/core";
import { toNode } from "@tsgi/node";
import type { FastifyInstance, FastifyPluginCallback } from "fastify";
import { AppRoute } from "./app-route.ts";
import {
  TO_FASTIFY_OPTIONS,
  mountSettings,
  type MountSettings,
  type ToFastifyOptions,
} from "./to-fastify-options.ts";
import { BODYLESS, disguiseContentType, leaveBodyUnread } from "./unread-body.ts";

/**
 * Turns an app into a Fastify plugin: `fastify.register(toFastify(app), { prefix: "/shop" })`. The prefix is the app's
 * `root_path`. Hooks run before the app as before any handler, and the headers they set are sent; `onReady` and `onClose`
 * drive the app's lifespan.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if the app is no function, or an option is unknown or makes no sense.
 * @example
 * const fastify = Fastify();
 * fastify.register(toFastify(app), { prefix: "/shop" });
 * await fastify.listen({ port: 3000 });
 */
export function toFastify<State>(app: AsgiApp<State>, options: ToFastifyOptions = {}): FastifyPluginCallback {
  checkApp(app);
  checkOptions(options, TO_FASTIFY_OPTIONS);
  const settings = mountSettings(options);
  // Said now rather than when the plugin is loaded, if an option makes no sense.
  toNode(app, settings.node);
  return function tsgi(scope, { prefix = "" }: { prefix?: string }, done): void {
    const route = new AppRoute(app as AsgiApp, settings, scope);
    leaveBodyUnread(scope);
    addRoutes(scope, route, prefix !== "");
    followLife(scope, route, app as AsgiApp, settings);
    done();
  };
}

function addRoutes(scope: FastifyInstance, route: AppRoute, hasPrefix: boolean): void {
  const { handler, onSend, onError } = route;
  const shared = { handler, onSend, onError, exposeHeadRoute: false };
  // Below no prefix the wildcard matches "/" too.
  for (const url of scope.prefix === "" ? ["/*"] : ["", "/*"]) {
    const taken = (method: string): boolean => method === "OPTIONS" && scope.hasRoute({ method, url });
    const methods = scope.supportedMethods.filter((name) => !taken(name));
    const without = methods.filter((name) => BODYLESS.has(name));
    const withBody = methods.filter((name) => !BODYLESS.has(name));
    scope.route({ ...shared, url, method: without });
    scope.route({ ...shared, url, method: withBody, preParsing: disguiseContentType });
  }
  // The methods Fastify has no routes for. Without a prefix this would take the place of the server's own 404. Its types
  // leave out that it takes the hooks of a route.
  if (hasPrefix) scope.setNotFoundHandler({ onSend, onError } as object, handler);
}

/** Has the app's lifespan follow the server's. */
function followLife(scope: FastifyInstance, route: AppRoute, app: AsgiApp, settings: MountSettings): void {
  let starting: Promise<Lifespan> | null = null;
  scope.addHook("onReady", async () => {
    const { lifespan: mode, startupTimeout, shutdownTimeout } = settings;
    starting = startLifespan(app, { mode, startupTimeout, shutdownTimeout, log: route.log });
    const { state } = await starting;
    route.begin(state);
  });
  scope.addHook("onClose", async () => {
    // A startup that failed was told by `ready()`, and has nothing to put away.
    const lifespan = await starting?.catch(() => null);
    await lifespan?.shutdown();
  });
}
