// What Fastify has found out of the proxies it trusts: the client, and the scheme it used.
// Source: https://fastify.dev/docs/latest/Reference/Server/#trustproxy; only with that option does a request have `ips`.

import type { ClientAddress, HttpScopeInit } from "@tsgi/core";
import { forwardedBy } from "@tsgi/node";
import type { FastifyRequest } from "fastify";

/** Tells the app what Fastify knows of its client; nobody else has seen the scope yet. Without `trustProxy`, nothing. */
export function tellForwarded(scope: HttpScopeInit, request: FastifyRequest): void {
  if (request.ips === undefined) return;
  const forwarded = forwardedBy(request.ip, request.protocol, request.socket);
  if (forwarded === null) return;
  const told = scope as { client: ClientAddress | null; scheme: string };
  if (forwarded.client !== null) told.client = forwarded.client;
  if (forwarded.scheme !== null) told.scheme = forwarded.scheme;
}
