// What Express has found out of the proxies it trusts: the client, and the scheme it used.
// Source: https://expressjs.com/en/guide/behind-proxies.html; npm `proxy-addr`, which checks what it trusts but not what it returns.

import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Forwarded } from "@tsgi/node";

/** What Express puts underneath a request; a bare router has none of it. */
interface ExpressRequest extends IncomingMessage {
  readonly app?: { get(setting: string): unknown };
  readonly ip?: string | undefined;
  readonly protocol?: string | undefined;
}

/** `req.ip` and `req.protocol`, where the app's `trust proxy` makes another thing of them than the socket says; else `null`. */
export function forwarded(req: IncomingMessage): Forwarded | null {
  const { app } = req as ExpressRequest;
  const trust = app?.get("trust proxy") ?? false;
  if (trust === false) return null;
  const { ip, protocol } = req as ExpressRequest;
  // A proxy's word may be no address at all: "unknown", or one with a port.
  const said = ip !== undefined && ip !== req.socket.remoteAddress && isIP(ip) !== 0;
  const client = said ? ([withoutMapping(ip), 0] as const) : null;
  const scheme = protocol === "https" || protocol === "http" ? protocol : null;
  return client === null && scheme === schemeOf(req) ? null : { client, scheme };
}

function schemeOf(req: IncomingMessage): "http" | "https" {
  return (req.socket as { encrypted?: unknown }).encrypted === true ? "https" : "http";
}

/** An IPv4 address mapped into IPv6, as IPv4: what the other scopes have. */
function withoutMapping(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
