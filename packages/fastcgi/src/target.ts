// Where a FastCGI application listens, as the options say it.
// Sources: FastCGI 1.0 §2.2; the spellings are those of php-fpm's `listen` and nginx's `fastcgi_pass`.

import type { NetConnectOpts } from "node:net";
import { GatewayError } from "@tsgi/core";

/**
 * Where a FastCGI application listens: `"127.0.0.1:9000"`, `"[::1]:9000"`, `":9000"` (this machine), `"unix:/run/php.sock"`, `"/run/php.sock"`,
 * `{ host, port }` or `{ path }`. A `path` that begins with a NUL, or `"unix:@name"`, is an abstract socket of Linux.
 */
export type FastCgiTarget =
  | string
  | { readonly host?: string; readonly port: number }
  | { readonly path: string };

/** A target, checked. */
export interface Target {
  /** How the log names it. Never sent to a client. */
  readonly name: string;
  readonly connect: NetConnectOpts;
}

const HOST_PORT = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]/@\s]*)):(\d{1,5})$/;

/**
 * Checks targets.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function targetsOf(given: FastCgiTarget | readonly FastCgiTarget[]): Target[] {
  const list: readonly FastCgiTarget[] = Array.isArray(given) ? given : [given as FastCgiTarget];
  if (list.length === 0) throw wrong("an empty list");
  const targets = list.map(targetOf);
  const names = new Set(targets.map(({ name }) => name));
  if (names.size < targets.length) throw wrong("a list with a target in it twice");
  return targets;
}

function targetOf(given: FastCgiTarget): Target {
  if (typeof given === "string") return textTarget(given);
  if (typeof given !== "object" || given === null) throw wrong(String(given));
  const { host = "127.0.0.1", port, path } = given as { host?: string; port?: number; path?: string };
  if (path !== undefined) {
    if (typeof path !== "string" || path === "" || port !== undefined) throw wrong(JSON.stringify(given));
    return unixTarget(path);
  }
  if (typeof host !== "string" || host === "" || !isPort(port)) throw wrong(JSON.stringify(given));
  return tcpTarget(host, port);
}

function textTarget(text: string): Target {
  const path = text.startsWith("unix:") ? text.slice(5) : "";
  if (path !== "" && path !== "@") return unixTarget(path.replace(/^@/, "\0"));
  if (text.startsWith("/")) return unixTarget(text);
  const [, v6, name, digits] = HOST_PORT.exec(text) ?? [];
  const port = Number(digits);
  if (!isPort(port)) throw wrong(JSON.stringify(text));
  return tcpTarget(v6 ?? (name === "" ? "127.0.0.1" : (name as string)), port);
}

function tcpTarget(host: string, port: number): Target {
  const name = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  // Small records wait for nobody (FastCGI has no message that is worth a delay).
  return { name, connect: { host, port, noDelay: true } };
}

function unixTarget(path: string): Target {
  return { name: `unix:${path.replace(/^\0/, "@")}`, connect: { path } };
}

function isPort(port: unknown): port is number {
  return Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535;
}

function wrong(what: string): GatewayError {
  return new GatewayError(
    "TSGI_ERR_OPTION",
    `A FastCGI target is "host:port", "unix:/path", { host, port } or { path }, or a list of them, not ${what}`,
  );
}
