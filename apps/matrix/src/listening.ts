// A node:http server on a free port of this machine.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Lets a server listen, and gives its port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return portOf(server);
}

/** The port of a server that listens. */
export function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

/** Stops a server, and whatever it is doing. */
export async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
