// One request served by a fetch handler: through the faster door, on the host's own Request, or as an app among middlewares.
// Source: docs/interface.md "The faster door"; https://developers.cloudflare.com/workers/runtime-apis/handlers/fetch/.

import {
  HttpExchange,
  reasonOf,
  type HttpScope,
  type HttpScopeInit,
  type HttpTransport,
  type Receive,
  type Send,
} from "@tsgi/core";
import { OwnExecutionContext, type ExecutionContextLike } from "./execution-context.ts";
import { standardResponse } from "./fast-response.ts";
import { FETCH_ORIGIN, fetchExtensionOf, saysTheSame } from "./fetch-pair.ts";
import type { Log } from "./log-line.ts";
import { makeRequest } from "./make-request.ts";
import { ExchangeOutlet, SendOutlet } from "./outlet.ts";
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
  if (url !== null && serveFetch(guest, init, url, transport)) return;
  const exchange = new HttpExchange(init, transport);
  const { scope } = exchange;
  const refusal = refusalOf(url, scope.method);
  if (refusal !== 0) {
    exchange.answer(refusal, reasonOf(refusal));
    exchange.appReturned();
    return;
  }
  const fetch = fetchExtensionOf(scope);
  const background = new OwnExecutionContext((error) => logAfter(transport, scope, error));
  const failed = (error: unknown): void => exchange.appFailed(error);
  const returned = (): void => {
    if (background.busy) void background.idle().then(() => exchange.appReturned());
    else exchange.appReturned();
  };
  const respond = (response: unknown): void => {
    try {
      const sent = sendResponse(response, new ExchangeOutlet(exchange), scope);
      if (sent === undefined) returned();
      else sent.then(returned, failed);
    } catch (error) {
      failed(error);
    }
  };
  try {
    const response = guest.handler(
      makeRequest(scope, exchange.receive, url as string),
      fetch?.env ?? guest.env(scope),
      fetch?.executionContext ?? background,
    );
    if (isThenable(response)) response.then(respond, failed);
    else respond(response);
  } catch (error) {
    failed(error);
  }
}

/** Serves a request of a fetch host whose scope nobody has changed: with its own Request, and the Response as it is. */
function serveFetch(guest: Guest, scope: HttpScopeInit, url: string, transport: HttpTransport): boolean {
  const fetch = fetchExtensionOf(scope);
  const origin = fetch?.[FETCH_ORIGIN];
  if (fetch === undefined || origin === undefined || (origin as object) !== transport) return false;
  if (!origin.handsOut || !saysTheSame(scope, url, fetch.request, origin)) return false;
  void answerFetch(guest, scope, transport);
  return true;
}

async function answerFetch(guest: Guest, scope: HttpScopeInit, transport: HttpTransport): Promise<void> {
  const fetch = fetchExtensionOf(scope);
  const origin = fetch?.[FETCH_ORIGIN];
  if (fetch === undefined || origin === undefined) return;
  const background = new OwnExecutionContext((error) => logAfter(transport, scope, error));
  try {
    const { request, env = guest.env(scope), executionContext = background } = fetch;
    const response = await guest.handler(request, env, executionContext);
    origin.respond(standardResponse(checkResponse(response)));
  } catch (error) {
    transport.log("error", `The app failed at ${scope.method} ${JSON.stringify(scope.path)}`, error);
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
  const background = new OwnExecutionContext((error) => logAfter(guest, scope, error));
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
  const origin = fetch?.[FETCH_ORIGIN];
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

function logAfter(to: Pick<HttpTransport, "log">, { method, path }: HttpScopeInit, error: unknown): void {
  try {
    to.log("error", `Work after ${method} ${JSON.stringify(path)} failed`, error);
  } catch {
    // A log that fails is no reason to end the process.
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
