// Our async app on our Node host, default settings, all checks on.
import { asyncApps } from "../async-apps.ts";
import type { Serve } from "../column.ts";
import { serveApp } from "../serve-app.ts";

export const serve: Serve = (endpoint) => serveApp(asyncApps[endpoint]);
