// One request served by a fetch handler: through the faster door, on the host's own Request, or as an app among middlewares.
// Source: docs/interface.md "The faster door"; https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/.

import {
  HttpExchange,
  reasonOf,
  errorOf,
  responseHead,
  type Chunk,
  type HttpScope,
  type HttpScopeInit,
  type HttpTransport,
  type Log,
  type Receive,
  type Send,
} from "@tsgi/core";
import { OwnExecutionContext, type ExecutionContextLike } from "./execution-context.ts";
import { standardResponse } from "./fast-response.ts";
import {
  fetchExtensionOf,
  originOf,
  saysTheSame,
  type FetchExtension,
  type FetchOrigin,
} from "./fetch-pair.ts";
import { makeRequest } from "./make-request.ts";
import { SendOutlet, type Fields, type Outlet } from "./outlet.ts";
import { requestUrl, type UrlRules } from "./request-url.ts";
import { checkResponse, sendResponse } from "./send-response.ts";

/** A fetch handler. A method, so that one with narrower bindings is a handler as well. */
export type FetchHandler = {
  handle(
    request: Request,
    env: unknown,
    executionContext: ExecutionContextLike,
  ): Response | Promise<Response>;
}["handle"];

/** A handler, and how it is served. */
export interface Guest extends UrlRules {
  readonly handler: FetchHandler;
  readonly env: (scope: HttpScopeInit) => unknown;
  readonly log: Log;
}

/** The methods a Request refuses. */
const FORBIDDEN: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Serves a request through the faster door. Never throws. */
export function serveExchange(guest: Guest, init: HttpScopeInit, transport: HttpTransport): void {
  const url = requestUrl(init, guest);
  const fetch = fetchExtensionOf(init);
  if (url !== null && fetch !== undefined && serveFetch(guest, init, url, transport, fetch)) return;
  const exchange = new HttpExchange(init, transport);
  const { scope } = exchange;
  const refusal = refusalOf(url, scope.method);
  if (refusal !== 0) {
    exchange.answer(refusal, reasonOf(refusal));
    exchange.appReturned();
    return;
  }
  const call = new GuestCall(exchange);
  try {
    const response: unknown = guest.handler(
      makeRequest(scope, exchange.receive, url as string),
      fetch?.env ?? guest.env(scope),
      fetch?.executionContext ?? call.background,
    );
    if (isThenable(response)) response.then(call.respond, call.failed);
    else call.answer(response);
  } catch (error) {
    exchange.appFailed(error);
  }
}

/** One call of a handler through the faster door; its response goes to the verbs of the exchange. */
class GuestCall implements Outlet {
  readonly isImmediate = true;
  readonly background: OwnExecutionContext;
  readonly #exchange: HttpExchange;

  constructor(exchange: HttpExchange) {
    this.#exchange = exchange;
    this.background = new OwnExecutionContext(exchange.scope, exchange.transport);
  }

  start(status: number, fields: Fields, reason: string | null): void {
    this.#exchange.start(responseHead(status, fields, reason, false));
  }

  write(chunk: Chunk, more: boolean): Promise<void> {
    return this.#exchange.write(chunk, more);
  }

  /** Sends what the handler returned. Never throws. */
  answer(response: unknown): void {
    try {
      const sent = sendResponse(response, this, this.#exchange.scope);
      if (sent === undefined) this.#returned();
      else sent.then(() => this.#returned(), this.failed);
    } catch (error) {
      this.#exchange.appFailed(error);
    }
  }

  get respond(): (response: unknown) => void {
    return (response) => this.answer(response);
  }

  get failed(): (error: unknown) => void {
    return (error) => this.#exchange.appFailed(error);
  }

  #returned(): void {
    const exchange = this.#exchange;
    if (this.background.busy) void this.background.idle().then(() => exchange.appReturned());
    else exchange.appReturned();
  }
}

/** Serves a request of a fetch host whose scope nobody has changed: with its own Request, and the Response as it is. */
function serveFetch(
  guest: Guest,
  scope: HttpScopeInit,
  url: string,
  transport: HttpTransport,
  fetch: FetchExtension,
): boolean {
  const origin = originOf(fetch);
  // A transport between the two, of a middleware with a door of its own, must see the response.
  if (origin === undefined || (origin as object) !== transport) return false;
  if (!origin.handsOut || !saysTheSame(scope, url, fetch.request, origin)) return false;
  void answerFetch(guest, scope, transport, fetch, origin);
  return true;
}

async function answerFetch(
  guest: Guest,
  scope: HttpScopeInit,
  transport: HttpTransport,
  fetch: FetchExtension,
  origin: FetchOrigin,
): Promise<void> {
  const background = new OwnExecutionContext(scope, transport);
  try {
    const env = fetch.env ?? guest.env(scope);
    const response = await guest.handler(fetch.request, env, fetch.executionContext ?? background);
    origin.respond(standardResponse(checkResponse(response)));
  } catch (error) {
    transport.log("error", `The app failed at ${scope.method} ${JSON.stringify(scope.path)}`, errorOf(error));
    transport.abort();
  }
  if (background.busy) await background.idle();
  transport.detach();
}

/** Serves a request as an app: a middleware stands in between, and must see the events. */
export async function serveEvents(
  guest: Guest,
  scope: HttpScope,
  receive: Receive,
  send: Send,
): Promise<void> {
  const outlet = new SendOutlet(send);
  const url = requestUrl(scope, guest);
  const refusal = refusalOf(url, scope.method);
  if (refusal !== 0) {
    outlet.start(refusal, [["content-type", "text/plain; charset=utf-8"]], null);
    return outlet.write(reasonOf(refusal), false);
  }
  const fetch = fetchExtensionOf(scope);
  const background = new OwnExecutionContext(scope, guest);
  const response = await guest.handler(
    requestFor(scope, receive, url as string),
    fetch?.env ?? guest.env(scope),
    fetch?.executionContext ?? background,
  );
  await sendResponse(response, outlet, scope);
  if (background.busy) await background.idle();
}

/** The host's own Request, if it has one and no middleware has changed the scope, or reads the body; else one of ours. */
function requestFor(scope: HttpScope, receive: Receive, url: string): Request {
  const fetch = fetchExtensionOf(scope);
  const origin = fetch === undefined ? undefined : originOf(fetch);
  if (fetch === undefined || origin === undefined) return makeRequest(scope, receive, url);
  const { request } = fetch;
  const same =
    origin.handsOut &&
    receive === origin.receive &&
    !request.bodyUsed &&
    saysTheSame(scope, url, request, origin);
  return same ? request : makeRequest(scope, receive, url);
}

/** The status a request is refused with, or 0: no URL for it, or no Request. */
function refusalOf(url: string | null, method: string): number {
  if (url === null) return 400;
  return FORBIDDEN.has(method) ? 501 : 0;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
