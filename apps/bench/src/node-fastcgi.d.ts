// The part of the npm package node-fastcgi that the bench uses; it has no types of its own.
declare module "node-fastcgi" {
  import type { RequestListener } from "node:http";
  import type { Server } from "node:net";

  /** A server whose responder is called as a listener of node:http would be. */
  export function createServer(responder: RequestListener): Server;
}
