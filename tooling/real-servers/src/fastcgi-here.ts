// serveFastCgi in this process, at an address that the web server's user may connect to.

import { serveFastCgi, type FastCgiOptions, type FastCgiServer } from "@tsgi/fastcgi";
import type { RouteParts } from "./route.ts";

/** Serves the route's app on a unix socket, and gives its path. */
export async function onUnixSocket(parts: RouteParts, options: FastCgiOptions = {}): Promise<string> {
  const path = parts.place.path("app.sock");
  await serve(parts, { path, mode: 0o666, ...options });
  return path;
}

/** Serves the route's app on a TCP port of 127.0.0.1, and gives it. */
export async function onTcp(parts: RouteParts, options: FastCgiOptions = {}): Promise<number> {
  const address = await serve(parts, { host: "127.0.0.1", port: 0, ...options });
  return address?.[1] ?? 0;
}

async function serve(
  { app, log, stopLater }: RouteParts,
  options: FastCgiOptions,
): Promise<FastCgiServer["address"]> {
  const server = await serveFastCgi(app, { log, shutdownTimeout: 0, ...options });
  stopLater(() => server.close());
  return server.address;
}
