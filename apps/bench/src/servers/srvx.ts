// srvx with the standard Response.
import { serve as srvx } from "srvx/node";
import { fetchEndpoints, type Fetch } from "../fetch-endpoints.ts";
import type { Serve } from "../column.ts";

/** Serves a fetch handler by srvx and gives the port. */
export async function serveBySrvx(fetch: Fetch | undefined): Promise<number | null> {
  if (fetch === undefined) return null;
  const server = srvx({ fetch, hostname: "127.0.0.1", port: 0, silent: true, gracefulShutdown: false });
  await server.ready();
  return Number(new URL(server.url ?? "").port);
}

export const serve: Serve = (endpoint) => serveBySrvx(fetchEndpoints(Response)[endpoint]);
