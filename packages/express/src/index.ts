// @tsgi/express: a portable app mounted in Express 4 and 5, and an Express app as a portable one.

export type {
  AsgiApp,
  Environ,
  HttpScope,
  Lifespan,
  LifespanOptions,
  LifespanScope,
  Middleware,
  Receive,
  ReceiveEvent,
  Scope,
  Send,
  SendEvent,
  StartResponse,
  WebSocketScope,
  WsgiApp,
} from "@tsgi/core";
export { toExpress, type ExpressMiddleware, type ToExpressOptions } from "./to-express.ts";
export { fromExpress, type FromExpressOptions } from "./from-express.ts";
export { keepRawBody } from "./keep-raw-body.ts";
