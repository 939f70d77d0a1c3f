// How a portable app is served over FastCGI in the columns that are ours.
import type { AsgiApp } from "@tsgi/core";
import { serveFastCgi } from "@tsgi/fastcgi";
import { behindNginx } from "./nginx.ts";

/** Serves an app over FastCGI with default settings, nginx in front, and gives nginx's port; null without an app, or nginx. */
export async function fastCgiBehindNginx(endpoint: string, app: AsgiApp | undefined): Promise<number | null> {
  if (app === undefined) return null;
  const { address } = await serveFastCgi(app, { host: "127.0.0.1", port: 0, lifespan: "off" });
  return behindNginx(endpoint, { address: `127.0.0.1:${address?.[1]}`, protocol: "fastcgi" });
}
