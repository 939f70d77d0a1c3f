// What a deliberately broken adapter is: one rule broken, and the case that must notice.

import type { AsgiApp, HttpScope, Send, SendEvent, WsgiApp } from "@tsgi/core";
import type { LogSink } from "../suite/log.ts";
import type { Parts } from "./host.test-support.ts";

/** A broken adapter. */
export interface Break extends Parts {
  /** What it does wrong: `"decodes the path twice"`. */
  readonly does: string;
  /** The name of the case that fails for it. */
  readonly caughtBy: string;
  /** What the case says: that it fails for this reason, and no other. */
  readonly because: RegExp;
  /** A broken bridge. Default: the sound one. */
  readonly bridge?: (app: WsgiApp, log: LogSink) => AsgiApp;
}

/** A host that changes what an app sends. */
export function sendOf(
  change: (event: SendEvent, send: Send, scope: HttpScope) => Promise<void>,
): Pick<Break, "around"> {
  return {
    around: (app) => (scope, receive, send) =>
      app(scope, receive, (event) => change(event, send, scope as HttpScope)),
  };
}
