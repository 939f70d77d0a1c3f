// Our async app, mounted by toHono as a route of a Hono app on @hono/node-server as installed: the same work as the hono
// column's own handlers do.
import { Hono } from "hono";
import { toHono } from "@tsgi/hono";
import { asyncApps } from "../async-apps.ts";
import type { Serve } from "../column.ts";
import { listenByNodeServer } from "./hono.ts";

export const serve: Serve = (endpoint) => {
  // The apps have no lifespan, and answer requests only.
  const app = asyncApps[endpoint];
  if (app === undefined) return Promise.resolve(null);
  return listenByNodeServer(new Hono().all(`/${endpoint}`, toHono(app, { lifespan: "off" })), true);
};
