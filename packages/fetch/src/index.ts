// @tsgi/fetch: a portable app as a fetch handler, and a fetch handler as a portable app.

export type {
  AsgiApp,
  Environ,
  HttpScope,
  LifespanScope,
  Middleware,
  Receive,
  Scope,
  Send,
  StartResponse,
  WebSocketScope,
  WsgiApp,
} from "@tsgi/core";
export { toFetch, type FetchFunction } from "./to-fetch.ts";
export { FETCH_OPTIONS, type FindClient, type ToFetchOptions } from "./fetch-settings.ts";
export { fromFetch, type FetchObject, type FromFetchOptions } from "./from-fetch.ts";
export type { FetchHandler } from "./serve-guest.ts";
export { FastResponse } from "./fast-response.ts";
export type { ExecutionContextLike } from "./execution-context.ts";
export type { FetchExtension } from "./fetch-pair.ts";
export type { Log } from "@tsgi/core";
