// The suite's app in a process of its own, inside the guest that the environment names. A framework is loaded only if it is wanted.

import { wsgi, type AsgiApp, type Log, type WsgiApp } from "@tsgi/core";
import { SYNC_BODY_LIMIT, cases, suiteApp } from "@tsgi/testing";
import type { Guest } from "../guests/guest.ts";

/** The environment variable that names the guest. */
export const GUEST = "TSGI_GUEST";
/** The environment variable that has the options of the server, as JSON. */
export const OPTIONS = "TSGI_OPTIONS";

/** The app. */
export async function suiteGuest(log: Log): Promise<AsgiApp> {
  let sync: AsgiApp | null = null;
  const bridge = (app: WsgiApp): AsgiApp => (sync = wsgi(app, { maxBodySize: SYNC_BODY_LIMIT, log }));
  const app = suiteApp({ cases, log, bridge });
  // A CGI program that is nothing but a sync app needs no event loop; the suite's questions are for the suite's app.
  const { GATEWAY_INTERFACE: cgi, HTTP_X_TSGI_ASK: asked } = process.env;
  if (process.env["TSGI_GUEST"] === "sync" && cgi !== undefined && asked === undefined && sync !== null)
    return sync;
  const guest = await framework();
  return guest === null ? app : guest.of(app, log);
}

/** The options. */
export function optionsGiven(): object {
  return JSON.parse(process.env[OPTIONS] ?? "{}") as object;
}

/** The variable is asked for where it is compared, so that a program packed for one guest has no other in it. */
async function framework(): Promise<Guest | null> {
  if (process.env["TSGI_GUEST"] === "Express") return (await import("../guests/express.ts")).expressGuest;
  if (process.env["TSGI_GUEST"] === "Fastify") return (await import("../guests/fastify.ts")).fastifyGuest;
  if (process.env["TSGI_GUEST"] === "Hono") return (await import("../guests/hono.ts")).honoGuest;
  return null;
}
