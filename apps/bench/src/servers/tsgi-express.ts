// The Express app of the express column, unchanged, as an app by fromExpress on our Node host.
import { fromExpress } from "@tsgi/express";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";
import { expressApp } from "./express.ts";

export const serve: Serve = (endpoint) => {
  const app = expressApp(endpoint);
  return serveApp(app === null ? undefined : fromExpress(app));
};
