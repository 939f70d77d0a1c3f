// @tsgi/node: a portable app on node:http, https and http2, and a Node listener as a portable app.

export { toNode, type NodeListener } from "./to-node.ts";
export type { Log, NodeOptions } from "./request-settings.ts";
