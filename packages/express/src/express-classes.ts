// Request and response of an Express app, made with the prototypes that Express would put underneath each of them.
// Sources: lib/application.js (`handle`) of Express 5, lib/middleware/init.js of 4; docs/decisions/002-native-pair-and-synthetic-pair.md.

import { IncomingMessage, ServerResponse } from "node:http";
import type { FromNodeOptions } from "@tsgi/node";

/** What of an Express app is looked at. */
export interface ExpressApp {
  /** The prototype of its requests. */
  readonly request: object;
  /** The prototype of its responses. */
  readonly response: object;
}

/** Whether this is an app, not just a router: what `app.use` of Express looks at, and its prototypes. */
export function isExpressApp(value: unknown): value is ExpressApp {
  const { handle, set, request, response } = value as Record<string, unknown>;
  return (
    typeof handle === "function" &&
    typeof set === "function" &&
    IncomingMessage.prototype.isPrototypeOf(request as object) &&
    ServerResponse.prototype.isPrototypeOf(response as object)
  );
}

/**
 * Up to Node 22 an object whose prototype is changed is slow from then on, and Express changes both for every request. On
 * Node 24 V8 has mended it, and such classes cost more than they save.
 */
const PROTOTYPES_ARE_SLOW = Number(process.versions.node.split(".", 1)[0]) < 24;

/** The classes for an app's pairs; none where they would be no gain. */
export function expressClasses(app: ExpressApp): Pick<FromNodeOptions, "IncomingMessage" | "ServerResponse"> {
  if (!PROTOTYPES_ARE_SLOW) return {};
  return {
    IncomingMessage: classWith(IncomingMessage, app.request),
    ServerResponse: classWith(ServerResponse, app.response),
  };
}

/**
 * A class whose objects have this very prototype, so that setting it changes nothing. Were it one that inherits from it,
 * Express would replace it.
 */
function classWith<C extends typeof IncomingMessage | typeof ServerResponse>(base: C, prototype: object): C {
  // Node's are functions, not classes, up to Node 26.
  const construct = base as unknown as (this: object, first: unknown, second: unknown) => void;
  function Message(this: object, first: unknown, second: unknown): void {
    construct.call(this, first, second);
  }
  Message.prototype = prototype;
  return Message as unknown as C;
}
