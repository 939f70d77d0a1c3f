// Our async app on our Node host, default settings, all checks on.
import { createServer } from "node:http";
import { toNode } from "@tsgi/node";
import { asyncApps } from "../async-apps.ts";
import { listening, type Serve } from "../column.ts";

export const serve: Serve = (endpoint) => {
  const app = asyncApps[endpoint];
  return app === undefined ? Promise.resolve(null) : listening(createServer(toNode(app)));
};
