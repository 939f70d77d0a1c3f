// The same behind a middleware, which has no faster door: Express gets a request and a response made for it.
import type { AsgiApp, Middleware } from "@tsgi/core";
import { fromExpress } from "@tsgi/express";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";
import { expressApp } from "./express.ts";

const plain: Middleware =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

export const serve: Serve = (endpoint) => {
  const app = expressApp(endpoint);
  return serveApp(app === null ? undefined : plain(fromExpress(app)));
};
