// What Fastify has found out of the proxies it trusts: the client, and the scheme it used.
// Source: https://fastify.dev/docs/latest/Reference/Server/#trustproxy; only with that option does a request have `ips`.

import { isIP } from "node:net";
import type { ClientAddress, HttpScopeInit } from "@tsgi/core";
import type { FastifyRequest } from "fastify";

/** Tells the app what Fastify knows of its client; nobody else has seen the scope yet. Without `trustProxy`, nothing. */
export function tellForwarded(scope: HttpScopeInit, request: FastifyRequest): void {
  if (request.ips === undefined) return;
  const { ip, protocol } = request;
  const told = scope as { client: ClientAddress | null; scheme: string };
  // A proxy's word may be no address at all: "unknown", or one with a port.
  if (ip !== request.socket.remoteAddress && isIP(ip) !== 0) told.client = [withoutMapping(ip), 0];
  if (protocol !== scope.scheme && (protocol === "http" || protocol === "https")) told.scheme = protocol;
}

/** An IPv4 address mapped into IPv6, as IPv4: what the other scopes have. */
function withoutMapping(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
