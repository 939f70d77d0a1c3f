// nginx, proxy_pass, and the raw listeners behind it: the measure of what is behind nginx over FastCGI.
import type { Serve } from "../column.ts";
import { behindNginx } from "../nginx.ts";
import { serve as serveRaw } from "./raw.ts";

export const serve: Serve = async (endpoint) => {
  const port = await serveRaw(endpoint);
  return port === null ? null : behindNginx(endpoint, { address: `127.0.0.1:${port}`, protocol: "http" });
};
