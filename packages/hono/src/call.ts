// One call of a handler by Hono, and what it adds to the scope that the host below has made for it.
// Sources: ASGI HTTP 2.5 "Connection Scope"; Hono "Context"; @hono/node-server 2 (c.env.incoming, c.env.outgoing).

import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Context } from "hono";
import { decodePath, splitTarget, type HttpScopeInit, type HttpTransport } from "@tsgi/core";
import type { ExecutionContextLike } from "@tsgi/fetch";
import { addressesOf } from "./node-addresses.ts";
import { HANDED_ON, type NodeBindings } from "./native-pair.ts";
import { basePathOf, mountedAt, type Routes } from "./place.ts";

/** The value of the extension `tsgi.hono`. */
export interface HonoExtension {
  /** The context of the handler: `var`, `req.param()`, `env`. The response is the app's to send, not the context's. */
  readonly context: Context;
}

/** A request as Hono hands it on. */
export interface Call {
  readonly request: Request;
  readonly env: unknown;
  readonly executionContext: ExecutionContextLike | undefined;
  /** `null` if `mount` called, which gives none. */
  readonly context: Context | null;
  /** Node's own request and response, if @hono/node-server is below. */
  readonly bindings: NodeBindings | null;
  /** The routes that the context has found; none if `mount` called. */
  readonly routes: Routes;
  /** Whether these are what the scope was made from. */
  readonly native: boolean;
}

/** A scope, fresh and the host's own, as this package fills it in. */
type OwnScope = { -readonly [Key in keyof HttpScopeInit]: HttpScopeInit[Key] };

/** Writes into a scope what the host below cannot know. It was made for this call, and nobody has seen it. */
export function complete(scope: HttpScopeInit, transport: HttpTransport, call: Call): void {
  const own = scope as OwnScope;
  const { context, bindings } = call;
  const extensions: Record<string, object | undefined> = { ...own.extensions };
  if (context !== null) {
    extensions["tsgi.hono"] = { context } satisfies HonoExtension;
    const base = basePathOf(context, call.routes);
    if (base !== "") own.root_path += base;
  }
  if (call.native) {
    extensions["tsgi.fetch"] = new NativeFetchExtension(call);
  } else if (bindings !== null) {
    addFacts(own, bindings);
    if (context === null) unmount(own, call.request, bindings);
    if (addEarlyHints(transport, bindings)) extensions["http.response.early_hint"] = NOTHING_TO_SAY;
    // A server of ours has its own way to cut a response.
    if (!(HANDED_ON in bindings)) cutWhole(transport, bindings);
  }
  own.extensions = extensions;
}

const NOTHING_TO_SAY = Object.freeze({});

/** What `tsgi.fetch` says where no fetch handler was called: the context's `executionCtx` throws where there is none. */
class NativeFetchExtension {
  readonly request: Request;
  readonly env: unknown;
  readonly #context: Context | null;

  constructor({ request, env, context }: Call) {
    this.request = request;
    this.env = env;
    this.#context = context;
  }

  get executionContext(): ExecutionContextLike | undefined {
    return this.#context === null ? undefined : executionContextOf(this.#context);
  }
}

/** What a Request has lost and Node's still has. */
function addFacts(own: OwnScope, { incoming }: NodeBindings): void {
  const { client, server } = addressesOf(incoming.socket);
  own.client ??= client;
  own.server ??= server;
  own.http_version = incoming.httpVersionMajor === 2 ? "2" : incoming.httpVersion;
  // Another spelling of the same path, but not another path: what was in front has decided by the one that it saw.
  const { rawPath } = splitTarget(incoming.url ?? "");
  if (decodePath(rawPath) === own.path) own.raw_path = rawPath;
}

/** Gives a request back the prefix that `mount` has cut off, as its `root_path`. */
function unmount(own: OwnScope, { url }: Request, { incoming }: NodeBindings): void {
  const { rawPath } = splitTarget(incoming.url ?? "");
  const prefix = mountedAt(url, rawPath);
  if (prefix === "") return;
  own.path = own.root_path + decodePath(rawPath);
  own.root_path += prefix;
  own.raw_path = rawPath;
}

/** Makes a transport one that can send early hints, past the Response that is still to come. */
function addEarlyHints(transport: HttpTransport, { incoming, outgoing }: NodeBindings): boolean {
  if (typeof outgoing.writeEarlyHints !== "function") return false;
  transport.writeInformational = (_status, flat) => {
    // On HTTP/1.0 there are none.
    if (outgoing.headersSent || incoming.httpVersion === "1.0") return;
    const hints: Record<string, string[]> = {};
    for (let i = 0; i < flat.length; i += 2) {
      const name = (flat[i] as string).toLowerCase();
      (hints[name] ??= []).push(flat[i + 1] as string);
    }
    outgoing.writeEarlyHints(hints);
  };
  return true;
}

/**
 * Makes the end of a response that cannot be completed the end of its connection. @hono/node-server would write a 500 for a
 * stream that fails early, with the error's text, and the head of a whole response.
 */
function cutWhole(transport: HttpTransport, { outgoing }: NodeBindings): void {
  const { writeHead, abort } = transport;
  let begun = false;
  transport.writeHead = (head) => {
    begun = true;
    writeHead.call(transport, head);
  };
  transport.abort = () => {
    abort.call(transport);
    if (begun) cut(outgoing);
  };
}

/** INTERNAL_ERROR of RFC 9113 §7: a stream that is merely destroyed ends with NO_ERROR, as one that is complete. */
const INTERNAL_ERROR = 2;

function cut(outgoing: ServerResponse): void {
  const { stream } = outgoing as { stream?: ServerHttp2Stream };
  if (stream === undefined) outgoing.destroy();
  else stream.close(INTERNAL_ERROR);
}

/** The execution context of a request, which Hono throws for where there is none. */
export function executionContextOf(context: Context): ExecutionContextLike | undefined {
  try {
    return context.executionCtx;
  } catch {
    return undefined;
  }
}
