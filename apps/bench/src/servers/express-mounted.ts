// Our async app, mounted by toExpress as a route of an Express app that listens by itself: the same work as the express
// column's own handlers do.
import { toExpress } from "@tsgi/express";
import { asyncApps } from "../async-apps.ts";
import { serveListener, type Serve } from "../column.ts";
import { bareExpress } from "./express.ts";

export const serve: Serve = (endpoint) => {
  // The apps have no lifespan, and answer requests only.
  const app = asyncApps[endpoint];
  if (app === undefined) return Promise.resolve(null);
  return serveListener(bareExpress().all(`/${endpoint}`, toExpress(app, { lifespan: "off" })));
};
