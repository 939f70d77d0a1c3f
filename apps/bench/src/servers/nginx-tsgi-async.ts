// nginx, fastcgi_pass, and our async app on serveFastCgi, default settings, all checks on.
import { asyncApps } from "../async-apps.ts";
import type { Serve } from "../column.ts";
import { fastCgiBehindNginx } from "../serve-fastcgi.ts";

export const serve: Serve = (endpoint) => fastCgiBehindNginx(endpoint, asyncApps[endpoint]);
