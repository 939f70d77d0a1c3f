// An app that is a (req, res) listener and no more. A server of ours that serves it, with nothing in between, makes the pair
// of the classes it wants, and calls it as node:http would: a scope would be made only to be compared with the pair.
// Source: https://nodejs.org/docs/latest-v20.x/api/http.html, `IncomingMessage` and `ServerResponse` of `http.createServer`.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AsgiApp } from "@tsgi/core";
import type { RequestSettings } from "./request-settings.ts";
import type { RequestListener } from "./synthetic/pair.ts";

/** What such an app is made of. */
export interface NativeApp {
  readonly listener: RequestListener;
  readonly IncomingMessage: typeof IncomingMessage;
  readonly ServerResponse: typeof ServerResponse;
}

/** An app made by `fromNode` tells of itself under this symbol; registered globally, as two copies may meet. */
export const NATIVE_APP: unique symbol = Symbol.for("tsgi.node.app");

/** What an app is made of; `null` if it is not such a one. */
export function nativeApp(app: AsgiApp): NativeApp | null {
  return (app as { [NATIVE_APP]?: NativeApp })[NATIVE_APP] ?? null;
}

/** The listener of an app that may be called without a scope; `null` where something depends on one. */
export function directListener(app: AsgiApp, settings: RequestSettings): RequestListener | null {
  const { ownsMessages, rootPath, maxBodySize } = settings;
  const plain = ownsMessages && rootPath === "" && maxBodySize === Infinity;
  return plain ? (nativeApp(app)?.listener ?? null) : null;
}
