// @tsgi/node: a portable app on node:http, https and http2, and a Node listener as a portable app.

export { toNode, type NodeListener } from "./to-node.ts";
export type { Log, NodeOptions } from "./request-settings.ts";
export { fromNode, type FromNodeOptions } from "./from-node.ts";
export type { RequestListener } from "./synthetic/pair.ts";
