// What Express has found out of the proxies it trusts: the client, and the scheme it used.
// Source: https://expressjs.com/en/guide/behind-proxies.html; npm `proxy-addr`, which checks what it trusts but not what it returns.

import type { IncomingMessage } from "node:http";
import { forwardedBy, type Forwarded } from "@tsgi/node";

/** What Express puts underneath a request; a bare router has none of it. */
interface ExpressRequest extends IncomingMessage {
  readonly app?: { get(setting: string): unknown };
  readonly ip?: string | undefined;
  readonly protocol?: string | undefined;
}

/** `req.ip` and `req.protocol`, where the app's `trust proxy` is on; else `null`. */
export function forwarded(req: IncomingMessage): Forwarded | null {
  const { app } = req as ExpressRequest;
  const trust = app?.get("trust proxy") ?? false;
  if (trust === false) return null;
  const { ip, protocol } = req as ExpressRequest;
  return forwardedBy(ip, protocol, req.socket);
}
