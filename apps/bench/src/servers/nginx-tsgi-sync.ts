// nginx, fastcgi_pass, and our sync app on serveFastCgi, default settings, all checks on.
import { wsgi } from "@tsgi/core";
import type { Serve } from "../column.ts";
import { fastCgiBehindNginx } from "../serve-fastcgi.ts";
import { syncApps } from "../sync-apps.ts";

export const serve: Serve = (endpoint) => {
  const app = syncApps[endpoint];
  return fastCgiBehindNginx(endpoint, app === undefined ? undefined : wsgi(app));
};
