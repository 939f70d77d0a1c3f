// The request and response of node:http behind a Hono app that @hono/node-server serves: it leaves them in the env.
// Source: @hono/node-server 2 "Accessing Node.js API" (c.env.incoming, c.env.outgoing); docs/interface.md, "The faster door".

import type { IncomingMessage, ServerResponse } from "node:http";
import { FastResponse } from "@tsgi/fetch";

/** What @hono/node-server gives as env. */
export interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * Marks an env that `fromHono` made: its request and response belong to the server below, which has begun to read the one and
 * will write the other.
 */
export const HANDED_ON: unique symbol = Symbol.for("tsgi.hono.handed-on");

/** Node's own request and response, if the env has them. */
export function nodeBindingsOf(env: unknown): NodeBindings | null {
  const { incoming, outgoing } = Object(env) as Partial<NodeBindings>;
  if (!Array.isArray(incoming?.rawHeaders) || typeof outgoing?.writeHead !== "function") return null;
  return env as NodeBindings;
}

/** How the path of a request's URL stands to the target that came over the connection. */
export type TargetMatch = "same" | "normalised" | "other";

/**
 * Compares: something in front may have cut a prefix off, or asked for something else; and a URL has lost its dot segments,
 * so that routes may have been chosen by another path than the app would see.
 */
export function matchTarget(url: string, incoming: IncomingMessage): TargetMatch {
  const target = incoming.url ?? "";
  const asked = url.slice(url.indexOf("/", url.indexOf("://") + 3));
  if (asked === target) return "same";
  const whole = target.startsWith("/") ? `http://host${target}` : target;
  if (!URL.canParse(whole)) return "other";
  const { pathname, search } = new URL(whole);
  return asked === pathname + search ? "normalised" : "other";
}

/** What tells @hono/node-server to write nothing. One for all requests, as it has no body, of the class that Response is now. */
export function alreadySent(): Promise<Response> {
  if (sentClass !== Response) {
    sentClass = Response;
    sent = Promise.resolve(makeSent());
  }
  return sent as Promise<Response>;
}

let sent: Promise<Response> | null = null;
let sentClass: typeof Response | null = null;

const SENT: readonly (readonly [string, string])[] = [["x-hono-already-sent", "true"]];

/**
 * @hono/node-server puts a class of its own in the place of Response, when it starts to serve. `body` is touched because a
 * response of that class is else taken for one to be written.
 */
function makeSent(): Response {
  // With every request it is looked at and listed, which costs more than what it says.
  class SentHeaders extends Headers {
    override has(name: string): boolean {
      return name === "x-hono-already-sent";
    }
    override [Symbol.iterator](): HeadersIterator<[string, string]> {
      return SENT[Symbol.iterator]() as HeadersIterator<[string, string]>;
    }
  }
  const headers = new SentHeaders(SENT as [string, string][]);
  class SentResponse extends Response {
    constructor() {
      super(null, { headers });
      void super.body;
    }
    override get headers(): Headers {
      return headers;
    }
    override get body(): null {
      return null;
    }
  }
  return new SentResponse();
}

/** Whether a response says that the app has written to `outgoing` itself. */
export function isAlreadySent(response: Response): boolean {
  // One of ours says nothing of the kind, and is not to be looked into.
  const { prototype } = FastResponse;
  if (prototype !== Response.prototype && Object.prototype.isPrototypeOf.call(prototype, response))
    return false;
  return response.body === null && response.headers.has("x-hono-already-sent");
}
