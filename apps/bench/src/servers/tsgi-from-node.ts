// The raw listeners as an app by fromNode, on our Node host, which hands them its own request and response.
import { fromNode } from "@tsgi/node";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";
import { listeners } from "./raw.ts";

export const serve: Serve = (endpoint) => {
  const listener = listeners[endpoint];
  return serveApp(listener === undefined ? undefined : fromNode(listener));
};
