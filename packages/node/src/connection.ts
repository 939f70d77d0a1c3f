// What is the same for every request on one connection: addresses, scheme, extensions. Found out once per socket.
// Source: ASGI HTTP 2.5 "client", "server", "scheme"; TLS 0.2. Frozen, because requests share it.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ClientAddress, Extensions, ServerAddress } from "@tsgi/core";
import { tlsExtension } from "./tls.ts";

/** The facts of a connection. */
export interface Connection {
  readonly client: ClientAddress | null;
  readonly server: ServerAddress | null;
  readonly scheme: "http" | "https";
  readonly extensions: Extensions;
}

const NOTHING_TO_SAY = Object.freeze({});

/** What every HTTP/1 connection of ours offers. On HTTP/1.0 interim responses and trailers are taken and dropped. */
export const HTTP1_EXTENSIONS: Extensions = Object.freeze({
  "http.response.early_hint": NOTHING_TO_SAY,
  "http.response.trailers": NOTHING_TO_SAY,
  "http.response.pathsend": NOTHING_TO_SAY,
  "http.response.zerocopysend": NOTHING_TO_SAY,
  "tsgi.reason": NOTHING_TO_SAY,
  "tsgi.informational": NOTHING_TO_SAY,
});

const CONNECTION = Symbol("tsgi.connection");

/** The facts of a socket's connection. */
export function connectionOf(socket: Socket): Connection {
  const known = (socket as { [CONNECTION]?: Connection })[CONNECTION];
  if (known !== undefined) return known;
  const found = Object.freeze(lookAt(socket));
  (socket as { [CONNECTION]?: Connection })[CONNECTION] = found;
  return found;
}

function lookAt(socket: Socket): Connection {
  const secure = (socket as Partial<TLSSocket>).encrypted === true;
  return {
    client: clientAddress(socket),
    server: serverAddress(socket),
    scheme: secure ? "https" : "http",
    extensions: secure
      ? Object.freeze({ ...HTTP1_EXTENSIONS, tls: tlsExtension(socket as TLSSocket) })
      : HTTP1_EXTENSIONS,
  };
}

function clientAddress(socket: Socket): ClientAddress | null {
  // An injected request has an address alone.
  const { remoteAddress, remotePort = 0 } = socket;
  if (remoteAddress === undefined) return null;
  return Object.freeze([plainAddress(remoteAddress), remotePort] as const);
}

function serverAddress(socket: Socket): ServerAddress | null {
  const { localAddress, localPort } = socket;
  if (localAddress !== undefined && localPort !== undefined) {
    return Object.freeze([plainAddress(localAddress), localPort] as const);
  }
  const address: unknown = (socket as { server?: { address?(): unknown } }).server?.address?.();
  return typeof address === "string" ? Object.freeze([address, null] as const) : null;
}

/** An IP as ASGI wants it: an IPv4 one mapped into IPv6 as IPv4, and no zone. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address.replace(/%.*$/, "");
}
