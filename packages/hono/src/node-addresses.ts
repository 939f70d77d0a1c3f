// The addresses of a connection of Node's.
// Source: ASGI HTTP 2.5 "client", "server": an IP without a zone, an IPv4 one mapped into IPv6 as IPv4.

import type { Socket } from "node:net";
import type { ClientAddress, ServerAddress } from "@tsgi/core";

/** Who is at its two ends; `null` where that is no IP address. */
export function addressesOf(socket: Socket): { client: ClientAddress | null; server: ServerAddress | null } {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  return {
    client: remoteAddress === undefined ? null : [plain(remoteAddress), remotePort ?? 0],
    server: localAddress === undefined ? null : [plain(localAddress), localPort ?? null],
  };
}

function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  return mapped?.[1] ?? address.replace(/%.*$/, "");
}
