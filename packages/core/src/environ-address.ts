// Addresses between a scope and meta-variables: SERVER_NAME, SERVER_PORT, and what HTTP_HOST says.
// Sources: RFC 3875 §4.1.14, §4.1.15 (an IPv6 address stands in brackets); RFC 9110 §7.2 (Host).

import type { Environ } from "./pep3333.ts";
import type { ServerAddress } from "./scope.ts";

/** A host and the digits of its port; either may be missing. */
export interface HostAndPort {
  /** Without brackets; `""` if there is none. */
  host: string;
  /** Digits, or `""`. */
  port: string;
}

const HOST = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/;

/** Takes `name`, `name:port`, `[ipv6]`, `[ipv6]:port` or a bare IPv6 address apart. What is none of them is no host. */
export function splitHost(text: string): HostAndPort {
  const parts = HOST.exec(text);
  if (parts !== null) return { host: parts[1] ?? parts[2] ?? "", port: parts[3] ?? "" };
  return { host: /^[0-9A-Fa-f:.]+$/.test(text) ? text : "", port: "" };
}

/** A host as it stands in a URL: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** The port a scheme has when none is named, as digits. */
export function defaultPort(scheme: string): string {
  return scheme === "https" ? "443" : "80";
}

/**
 * Sets SERVER_NAME and SERVER_PORT: the address the server listens on, where that is an address; else what the client
 * called it, else localhost.
 */
export function setServer(environ: Environ, server: ServerAddress | null): void {
  if (server !== null && server[1] !== null && !isWildcard(server[0])) {
    environ.SERVER_NAME = bracketed(server[0]);
    environ.SERVER_PORT = String(server[1]);
    return;
  }
  const { HTTP_HOST: field } = environ;
  const { host, port } = typeof field === "string" ? splitHost(field) : { host: "", port: "" };
  environ.SERVER_NAME = host === "" ? "localhost" : bracketed(host);
  if (server !== null && server[1] !== null) environ.SERVER_PORT = String(server[1]);
  else environ.SERVER_PORT = port === "" ? defaultPort(environ["wsgi.url_scheme"]) : port;
}

function isWildcard(host: string): boolean {
  return host === "" || host === "0.0.0.0" || host === "::";
}
