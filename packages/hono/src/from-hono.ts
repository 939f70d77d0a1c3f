// A Hono app as a portable app: its fetch, with the env that @hono/node-server would give it where the server is Node's.
// Sources: Hono "Hono.fetch"; @hono/node-server 2 "Accessing Node.js API"; docs/interface.md, "The faster door".

import type { IncomingMessage, ServerResponse } from "node:http";
import { SERVE, type AsgiApp, type HttpScopeInit, type HttpTransport } from "@tsgi/core";
import { fromFetch, type ExecutionContextLike, type FromFetchOptions } from "@tsgi/fetch";
import { HANDED_ON, isAlreadySent, nodeBindingsOf, type NodeBindings } from "./native-pair.ts";

/** The options of {@link fromHono}: those of `fromFetch`. `env` makes what `c.env` is where the server has none. */
export type FromHonoOptions = FromFetchOptions;

/** What `fromHono` needs of a Hono app, of any version and with any types. */
export interface HonoAppLike {
  // A method, so that an app with narrower bindings is one as well.
  fetch(request: Request, env?: unknown, executionContext?: never): Response | Promise<Response>;
}

/** The symbol under which a transport of @tsgi/node shows Node's own objects. */
const NODE_PAIR: unique symbol = Symbol.for("tsgi.node.pair");
/** Where they wait in a scope for `env` to be made. */
const BINDINGS: unique symbol = Symbol("tsgi.hono.bindings");

type NodeTransport = HttpTransport & {
  readonly [NODE_PAIR]?: { readonly req: IncomingMessage; readonly res: ServerResponse };
};

/**
 * Turns a Hono app into an app. `c.env` and `c.executionCtx` are the server's, on Bun, Deno and Workers; on a Node HTTP/1
 * server `c.env` has `incoming` and `outgoing`, as on @hono/node-server. What a handler throws is `onError`'s. Scopes other than
 * `http` are refused with {@link UnsupportedScopeError}: `withLifespan` of core adds a lifespan.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if this is no Hono app, or an option is unknown or makes no sense.
 * @example
 * await serveNode(fromHono(new Hono().get("/", (c) => c.text("Hello"))));
 */
export function fromHono(hono: HonoAppLike, options: FromHonoOptions = {}): AsgiApp {
  const ownEnv = options.env;
  const env = (scope: HttpScopeInit): unknown => {
    const own = ownEnv?.(scope) ?? {};
    const bindings = (scope as { [BINDINGS]?: NodeBindings })[BINDINGS];
    return bindings === undefined ? own : Object.assign(bindings, own);
  };
  const fetch = (request: Request, server: unknown, executionContext: ExecutionContextLike): Answer => {
    const given = handedOn(server);
    const response = hono.fetch(request, given, executionContext as never);
    if (!isHanded(given)) return response;
    if (!(response instanceof Promise)) return whenSent(response, given);
    return response.then((own) => whenSent(own, given));
  };
  const guest = fromFetch(hono.fetch === undefined ? (hono as never) : fetch, { ...options, env });
  const app: AsgiApp = (scope, receive, send) => guest(scope, receive, send);
  app[SERVE] = (scope, transport) => {
    const pair = (transport as NodeTransport)[NODE_PAIR];
    if (pair !== undefined) {
      const bindings: Handed = { incoming: pair.req, outgoing: pair.res, [HANDED_ON]: true };
      (scope as { [BINDINGS]?: NodeBindings })[BINDINGS] = bindings;
    }
    guest[SERVE]?.(scope, transport);
  };
  return app;
}

type Answer = Response | Promise<Response>;
type Handed = NodeBindings & { readonly [HANDED_ON]: true };

/** What another Hono app around this one was given by @hono/node-server is not this one's to write to either. */
function handedOn(env: unknown): unknown {
  return nodeBindingsOf(env) === null || isHanded(env) ? env : { ...(env as object), [HANDED_ON]: true };
}

function isHanded(env: unknown): env is Handed {
  return (env as Partial<Handed>)[HANDED_ON] === true;
}

/** The response; or, if the app writes to `outgoing` itself, an empty one for nobody, once that is over. */
function whenSent(response: Response, { outgoing }: NodeBindings): Answer {
  if (!isAlreadySent(response) || outgoing.closed) return response;
  return new Promise((resolve) => {
    outgoing.once("close", () => resolve(response));
  });
}
