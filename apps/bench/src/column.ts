// What one column of the bench is: every file in servers/ is one, and exports `serve`.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { moduleNames } from "./scenario.ts";

/**
 * Starts a server for one endpoint (`hello`, `json`, `stream`, `upload`) on a free port of 127.0.0.1, and gives the port.
 * Gives null for an endpoint the column does not have. A server has one endpoint only, so that no column pays for, or
 * is spared, a look at the path beyond what its own router does.
 */
export type Serve = (endpoint: string) => Promise<number | null>;

/** Ours are listed right after raw node:http, the others by name. */
const FIRST = ["raw", "raw-2"];
const OURS = "tsgi";

/** Whether a column has nginx in front, and is compared with others that have. */
export function isBehindNginx(name: string): boolean {
  return name.startsWith("nginx-");
}

/** Whether a column is a front of PHP-FPM, and is compared with the other one. */
export function isInFrontOfPhp(name: string): boolean {
  return name.startsWith("php-");
}

/** The names of all columns, in table order. */
export function columnNames(): string[] {
  return moduleNames(new URL("./servers/", import.meta.url)).toSorted((a, b) => rank(a) - rank(b));
}

function rank(name: string): number {
  if (FIRST.includes(name)) return 0;
  if (isInFrontOfPhp(name)) return 5;
  if (isBehindNginx(name)) return name === "nginx-raw" ? 3 : 4;
  return name.startsWith(OURS) ? 1 : 2;
}

/** Serves a listener by `node:http` with its default settings; null without one. */
export function serveListener(listener: RequestListener | undefined): Promise<number | null> {
  return listener === undefined ? Promise.resolve(null) : listening(createServer(listener));
}

/** Makes a server listen on a free port of 127.0.0.1 and gives the port. */
export function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
