// Hono on @hono/node-server as installed: it replaces the global Request and Response by light ones of its own.
import { serve as serveNode } from "@hono/node-server";
import { Hono } from "hono";
import { HELLO, receiptFromOrder, type Order } from "../bodies.ts";
import { lengthOf, pieces } from "../fetch-endpoints.ts";
import type { Serve } from "../column.ts";

const endpoints: Record<string, (app: Hono) => void> = {
  hello: (app) => app.get("/hello", (c) => c.text(HELLO)),
  json: (app) => app.post("/json", async (c) => c.json(receiptFromOrder(await c.req.json<Order>()))),
  stream: (app) =>
    app.get("/stream", (c) => c.body(pieces(), 200, { "Content-Type": "application/octet-stream" })),
  upload: (app) => app.post("/upload", async (c) => c.text(String(await lengthOf(c.req.raw.body)))),
};

/** The Hono app of one endpoint; `null` where there is none. */
export function honoApp(endpoint: string): Hono | null {
  const add = endpoints[endpoint];
  if (add === undefined) return null;
  const app = new Hono();
  add(app);
  return app;
}

/** Serves a Hono app by @hono/node-server on a free port of 127.0.0.1, and gives the port. */
export function listenByNodeServer(app: Hono, overrideGlobalObjects: boolean): Promise<number> {
  return new Promise((resolve) => {
    serveNode({ fetch: app.fetch, hostname: "127.0.0.1", port: 0, overrideGlobalObjects }, ({ port }) =>
      resolve(port),
    );
  });
}

/** Serves one endpoint of the Hono app. */
export function serveHono(endpoint: string, overrideGlobalObjects: boolean): Promise<number | null> {
  const app = honoApp(endpoint);
  return app === null ? Promise.resolve(null) : listenByNodeServer(app, overrideGlobalObjects);
}

export const serve: Serve = (endpoint) => serveHono(endpoint, true);
