// Our sync app on our Node host, default settings, all checks on.
import { wsgi } from "@tsgi/core";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";
import { syncApps } from "../sync-apps.ts";

export const serve: Serve = (endpoint) => {
  const app = syncApps[endpoint];
  return serveApp(app === undefined ? undefined : wsgi(app));
};
