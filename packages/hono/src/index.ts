// @tsgi/hono: a portable app in a Hono app, and a Hono app as a portable app.

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
export type { ExecutionContextLike, FetchExtension, Log } from "@tsgi/fetch";
export { toHono, type HonoHandler, type ToHonoOptions } from "./to-hono.ts";
export { fromHono, type FromHonoOptions, type HonoAppLike } from "./from-hono.ts";
export type { HonoExtension } from "./call.ts";
