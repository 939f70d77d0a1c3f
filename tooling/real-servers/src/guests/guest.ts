// What an app behind a server is made of: the suite's app as it is, or inside a framework.

import type { AsgiApp, Log } from "@tsgi/core";
import type { Skips } from "../skips.ts";

/** An app of some kind, made of the suite's own. */
export interface Guest {
  readonly name: "async" | "sync" | "Express" | "Fastify" | "Hono";
  /** The interface of the cases it runs. */
  readonly runs: "async" | "sync" | "both";
  /** What its framework cannot do, wherever it runs. */
  readonly skip: Skips;
  of(app: AsgiApp, log: Log): AsgiApp;
}
