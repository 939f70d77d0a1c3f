// How a portable app is served in the columns that are ours.
import { createServer } from "node:http";
import type { AsgiApp } from "@tsgi/core";
import { toNode } from "@tsgi/node";
import { listening } from "./column.ts";

/** Serves an app with default settings on a free port of 127.0.0.1 and gives the port; null without an app. */
export function serveApp(app: AsgiApp | undefined): Promise<number | null> {
  return app === undefined ? Promise.resolve(null) : listening(createServer(toNode(app)));
}
