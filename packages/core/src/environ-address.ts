// Addresses between a scope and meta-variables: SERVER_NAME, SERVER_PORT, and what HTTP_HOST says.
// Sources: RFC 3875 §4.1.14, §4.1.15 (an IPv6 address stands in brackets); RFC 9110 §7.2 (Host).

import { parseIp } from "./cidr.ts";
import type { HttpScopeInit } from "./scope.ts";

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
  // A name, as a rule: it has no colon.
  if (!text.includes(":") && !text.startsWith("[")) return { host: text, port: "" };
  const [found, literal, name, port = ""] = HOST.exec(text) ?? [];
  if (name !== undefined) return { host: name, port };
  const ip = found === undefined ? text : (literal ?? "");
  return parseIp(ip) === null ? { host: "", port: "" } : { host: ip, port };
}

/** A host as it stands in a URL: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** The port a scheme has when none is named, as digits. */
export function defaultPort(scheme: string): string {
  return scheme === "https" ? "443" : "80";
}

/** SERVER_NAME and SERVER_PORT. */
export interface ServerVariables {
  readonly name: string;
  readonly port: string;
}

/** The last address asked for, and its variables: nearly all requests of a server have the same. */
let lastHost = "";
let lastPort = -1;
let lastVariables: ServerVariables = { name: "", port: "" };

/**
 * The address the server listens on, where that is an address; else what the client called it, else localhost.
 *
 * @param scope - Its Host header is looked at if the server has no address, or has all of them.
 */
export function serverVariables(scope: HttpScopeInit): ServerVariables {
  const { server } = scope;
  if (server !== null && server[0] === lastHost && server[1] === lastPort) return lastVariables;
  if (server === null || server[1] === null || isWildcard(server[0])) return variablesFromHost(scope);
  [lastHost, lastPort] = server as readonly [string, number];
  lastVariables = { name: bracketed(lastHost), port: String(lastPort) };
  return lastVariables;
}

function variablesFromHost(scope: HttpScopeInit): ServerVariables {
  const field = scope.headers.find(([name]) => name === "host")?.[1] ?? "";
  const { host, port } = splitHost(field);
  const listening = scope.server?.[1] ?? null;
  return {
    name: host === "" ? "localhost" : bracketed(host),
    port: listening === null ? port || defaultPort(scope.scheme) : String(listening),
  };
}

function isWildcard(host: string): boolean {
  return host === "" || host === "0.0.0.0" || host === "::";
}
