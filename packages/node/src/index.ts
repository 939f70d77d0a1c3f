// @tsgi/node: a portable app on node:http, https and http2, and a Node listener as a portable app.

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
export { listenerBehind, toNode, type NodeListener } from "./to-node.ts";
export { NODE_OPTIONS, type Log, type NodeOptions } from "./request-settings.ts";
export { fromNode, type FromNodeOptions } from "./from-node.ts";
export { forwardedBy, type ConnectListener, type Forwarded, type Front } from "./front.ts";
export { PassingExchange } from "./passing-exchange.ts";
export type { RequestListener } from "./synthetic/pair.ts";
export { serveNode, type NodeServer } from "./serve.ts";
export type { RequestLimits } from "./request-checks.ts";
export type { Http2Limits, ServeOptions, ServerLimits } from "./serve-options.ts";
export {
  fileSpool,
  type FileSpoolOptions,
  type ListenWhere,
  type ServerLife,
  type Shutdown,
} from "@tsgi/process";
