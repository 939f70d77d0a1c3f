// The suite's app in a process of its own, inside the guest that the environment names. A framework is loaded only if it is wanted.

import type { AsgiApp, Log } from "@tsgi/core";
import { cases, suiteApp } from "@tsgi/testing";
import type { Guest } from "../guests/guest.ts";

/** The environment variable that names the guest. */
export const GUEST = "TSGI_GUEST";
/** The environment variable that has the options of the server, as JSON. */
export const OPTIONS = "TSGI_OPTIONS";

/** The app. */
export async function suiteGuest(log: Log): Promise<AsgiApp> {
  const app = suiteApp({ cases, log });
  const guest = await guestOf(process.env[GUEST] as Guest["name"]);
  return guest === null ? app : guest.of(app, log);
}

/** The options. */
export function optionsGiven(): object {
  return JSON.parse(process.env[OPTIONS] ?? "{}") as object;
}

async function guestOf(name: Guest["name"]): Promise<Guest | null> {
  if (name === "Express") return (await import("../guests/express.ts")).expressGuest;
  if (name === "Fastify") return (await import("../guests/fastify.ts")).fastifyGuest;
  if (name === "Hono") return (await import("../guests/hono.ts")).honoGuest;
  return null;
}
