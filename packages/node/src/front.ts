// A connect-style framework in front of a listener: what it knows that the socket does not, and where it wants errors.
// Sources: https://github.com/senchalabs/connect#error-middleware; https://expressjs.com/en/guide/behind-proxies.html.

import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP, type Socket } from "node:net";
import type { ClientAddress } from "@tsgi/core";
import { connectionOf, plainAddress, type Connection } from "./connection.ts";

/** What a framework in front has found out of a proxy that it trusts. */
export interface Forwarded {
  /** The client, with port 0 where none is known; `null` for the peer of the socket. */
  readonly client: ClientAddress | null;
  /** `null` for the socket's. */
  readonly scheme: "http" | "https" | null;
}

/** A connect-style framework, as its adapter describes it. */
export interface Front {
  /** Tells what it has found out of proxies for a request; `null` for nothing. */
  readonly forwarded: (req: IncomingMessage) => Forwarded | null;
  /** Whether an error of the app goes to `next` while nothing was sent; else it is logged, and answered 500. */
  readonly passErrors: boolean;
}

/** A connect-style middleware. It calls `next` only with an error, and only for a front that wants them. */
export type ConnectListener = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * What a framework that trusts its proxies makes of a request, where that is another thing than the socket says; else `null`.
 *
 * @param ip - Its word for the client. A proxy's word may be no address at all ("unknown", or one with a port): it is left out.
 * @param protocol - Its word for the scheme. Anything but `http` and `https` is left out.
 */
export function forwardedBy(
  ip: string | undefined,
  protocol: string | undefined,
  socket: Socket,
): Forwarded | null {
  const said = ip !== undefined && ip !== socket.remoteAddress && isIP(ip) !== 0;
  const client = said ? ([plainAddress(ip), 0] as const) : null;
  const own = (socket as { encrypted?: unknown }).encrypted === true ? "https" : "http";
  const scheme = protocol !== own && (protocol === "http" || protocol === "https") ? protocol : null;
  return client === null && scheme === null ? null : { client, scheme };
}

/** The facts of a request's connection, as a front sees them. */
export function connectionBehind(front: Front, req: IncomingMessage): Connection {
  const own = connectionOf(req.socket);
  const forwarded = front.forwarded(req);
  if (forwarded === null) return own;
  return { ...own, client: forwarded.client ?? own.client, scheme: forwarded.scheme ?? own.scheme };
}
