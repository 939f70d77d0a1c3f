// @tsgi/fastify: a portable app as a Fastify plugin, and a Fastify instance as a portable app.

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
export type { Log, NodeOptions } from "@tsgi/node";
export { toFastify } from "./to-fastify.ts";
export type { ToFastifyOptions } from "./to-fastify-options.ts";
export { fromFastify, type FastifyLike, type FromFastifyOptions } from "./from-fastify.ts";
