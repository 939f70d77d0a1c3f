// What request and response of an app are best made of. A server of ours that serves the app and nothing else asks for it.
// Source: https://nodejs.org/docs/latest-v20.x/api/http.html, the options `IncomingMessage` and `ServerResponse` of `createServer`.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AsgiApp } from "@tsgi/core";

/** The two classes; `undefined` for one that need not be another than the server's own. */
export interface NativeClasses {
  readonly IncomingMessage?: typeof IncomingMessage | undefined;
  readonly ServerResponse?: typeof ServerResponse | undefined;
}

/** An app made by `fromNode` has its classes under this symbol; registered globally, as two copies may meet. */
export const NATIVE_CLASSES: unique symbol = Symbol.for("tsgi.node.classes");

/** The classes an app wants. */
export function nativeClassesOf(app: AsgiApp): NativeClasses {
  return (app as { [NATIVE_CLASSES]?: NativeClasses })[NATIVE_CLASSES] ?? {};
}
