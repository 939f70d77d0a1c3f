// @tsgi/node, where the host is Node: asked for with the first such request, so that elsewhere it need not exist.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AsgiApp } from "@tsgi/core";
import type { ToFetchOptions } from "@tsgi/fetch";

/** A listener of `http.createServer`. */
export type NodeListenerLike = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

type NodePackage = typeof import("@tsgi/node");

/** Not where a bundler would see it: what is bundled for another runtime must not import node:http. */
const NAME: string = "@tsgi/node";

let loading: Promise<NodePackage | null> | null = null;

/** The package, once; `null` where it is not installed. */
export function loadNode(): Promise<NodePackage | null> {
  loading ??= (import(/* @vite-ignore */ NAME) as Promise<NodePackage>).catch(() => null);
  return loading;
}

/** The app as a listener, with those of the options that there are for it. */
export function nodeListenerOf(node: NodePackage, app: AsgiApp, options: ToFetchOptions): NodeListenerLike {
  const { rootPath, maxBodySize, state, log } = options;
  return node.toNode(app, {
    ...(rootPath !== undefined && { rootPath }),
    ...(maxBodySize !== undefined && { maxBodySize }),
    ...(state !== undefined && { state }),
    ...(log !== undefined && { log }),
  });
}
