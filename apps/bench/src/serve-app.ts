// How a portable app is served in the columns that are ours.
import type { AsgiApp } from "@tsgi/core";
import { serveNode } from "@tsgi/node";

/** Serves an app with default settings on a free port of 127.0.0.1 and gives the port; null without an app. */
export async function serveApp(app: AsgiApp | undefined): Promise<number | null> {
  if (app === undefined) return null;
  // The apps have no lifespan, and answer requests only.
  const { address } = await serveNode(app, { host: "127.0.0.1", port: 0, lifespan: "off" });
  return address?.[1] ?? null;
}
