// Hono, as a host on @hono/node-server, and as a guest.

import { createServer, type RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { fromHono, toHono, type HonoAppLike, type HonoHandler } from "@tsgi/hono";
import { casesNamed, http1Wire, type WireField } from "@tsgi/testing";
import { fetchGuestSkips } from "./fetch.ts";
import { ASKING_PATH, frontFields } from "./front.ts";
import { listen, stop } from "./listening.ts";
import { AS_LISTENER, ON_NODE_HTTP } from "./node-limits.ts";
import type { Guest, Host } from "./pair.ts";

const HOST_FRONT = frontFields("Hono host");
const GUEST_FRONT = frontFields("Hono guest");

/** Hono on @hono/node-server. */
export const honoHost: Host = {
  name: "Hono",
  native: true,
  http: "1.1",
  front: HOST_FRONT,
  skip: () => ({
    ...ON_NODE_HTTP,
    ...AS_LISTENER,
    ...casesNamed(
      "@hono/node-server answers 400 to a target that is no path",
      "paths: OPTIONS with an asterisk has the path *",
    ),
  }),
  async serve(app, log) {
    const handler = toHono(app, { log });
    const { shutdown } = await handler.lifespan({ log });
    const { fetch } = withFront(HOST_FRONT, handler);
    // An HTTP/1.0 client may leave its Host out.
    const listener = getRequestListener(fetch, { hostname: "localhost" }) as RequestListener;
    const server = createServer(listener).on("checkContinue", listener);
    return {
      wire: http1Wire({ port: await listen(server) }),
      async close() {
        await stop(server);
        await shutdown();
      },
    };
  },
};

/** A Hono app with the app as its handler. */
export const honoGuest: Guest = {
  name: "Hono",
  speaks: "fetch",
  runs: null,
  front: GUEST_FRONT,
  skip: fetchGuestSkips,
  of: (app, log) => fromHono(withFront(GUEST_FRONT, toHono(app, { log }))),
};

/**
 * Two apps, so that a request that does not ask for the fields in front meets no middleware; and who asks is seen by the path,
 * as a Request whose headers were looked at is another one to what comes behind.
 */
function withFront(front: readonly WireField[], handler: HonoHandler): HonoAppLike {
  const plain = new Hono().all("*", handler);
  const behind = new Hono()
    .use(async (c, next) => {
      for (const [field, value] of front) c.header(field, value, { append: true });
      await next();
    })
    .all("*", handler);
  return {
    fetch: (request, env, executionContext) =>
      (request.url.endsWith(ASKING_PATH) ? behind : plain).fetch(request, env, executionContext),
  };
}
