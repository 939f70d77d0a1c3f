// A Fastify instance as an app: `ready` and `close` follow the lifespan, requests go to its own entry point.
// Source: https://fastify.dev/docs/latest/Reference/Server/#routing; lib/server.js (what `listen` does besides).

import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError, checkOptions, withLifespan, type AsgiApp, type OptionNames } from "@tsgi/core";
import { fromNode } from "@tsgi/node";
import { keepCookies } from "./keep-cookies.ts";

/** What is needed of a Fastify instance, whatever its server and its types are. */
export interface FastifyLike {
  ready(): PromiseLike<unknown>;
  close(): PromiseLike<unknown>;
  routing(req: never, res: never): void;
}

/** The options of {@link fromFastify}. */
export interface FromFastifyOptions {
  /**
   * How long an ended response waits for the next piece of a request body that a route still reads, in milliseconds, where
   * the host has no native request; then the request is aborted. Default: 1000.
   */
  readonly lingerTimeout?: number;
}

const OPTIONS: OptionNames<FromFastifyOptions> = { lingerTimeout: true };

/**
 * Turns a Fastify instance, with all its plugins, into an app. Startup of the lifespan is `instance.ready()`, shutdown is
 * `instance.close()`; on a host that runs no lifespan the first request waits for `ready()`. The instance does not listen,
 * so its `onListen` hooks do not run, and the limits of its server are the host's to set.
 *
 * Below a mount prefix the routes match what follows it, and `request.originalUrl` is the whole.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` if this is no Fastify instance, or an option is unknown or makes no sense.
 * @example
 * const fastify = Fastify();
 * fastify.get("/", () => ({ hello: "world" }));
 * await serveNode(fromFastify(fastify), { port: 3000 });
 */
export function fromFastify(instance: FastifyLike, options: FromFastifyOptions = {}): AsgiApp {
  checkInstance(instance);
  checkOptions(options, OPTIONS);
  let isReady = false;
  let booting: PromiseLike<void> | null = null;
  const boot = (): PromiseLike<void> => {
    booting ??= instance.ready().then(() => {
      isReady = true;
    });
    return booting;
  };
  const route = (req: IncomingMessage, res: ServerResponse): void => {
    if (res.hasHeader("set-cookie")) keepCookies(res);
    instance.routing(req as never, res as never);
  };
  const requests = fromNode((req, res) => {
    if (!isReady) return boot().then(() => route(req, res));
    route(req, res);
    return undefined;
  }, options);
  const app = withLifespan(requests, async function* () {
    await boot();
    yield;
    await instance.close();
  });
  // The doors of a Node listener, for a Node host.
  return Object.assign(app, requests);
}

function checkInstance(instance: FastifyLike): void {
  const { ready, close, routing } = (instance ?? {}) as Partial<FastifyLike>;
  if ([ready, close, routing].every((method) => typeof method === "function")) return;
  throw new GatewayError("TSGI_ERR_OPTION", "fromFastify takes a Fastify instance, of Fastify 5 or newer");
}
