// The same behind a middleware, which has no faster door: the listeners get a request and a response made for them, as
// over FastCGI, HTTP/2 and in memory.
import type { AsgiApp, Middleware } from "@tsgi/core";
import { fromNode } from "@tsgi/node";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";
import { listeners } from "./raw.ts";

const plain: Middleware =
  (app: AsgiApp): AsgiApp =>
  (scope, receive, send) =>
    app(scope, receive, send);

export const serve: Serve = (endpoint) => {
  const listener = listeners[endpoint];
  return serveApp(listener === undefined ? undefined : plain(fromNode(listener)));
};
