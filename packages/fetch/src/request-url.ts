// The URL of a guest's Request. A Host header can make it another host, never another authority, path or query.
// Sources: WHATWG URL "URL parsing"; RFC 9110 §7.2 (Host); RFC 3986 §3.2.2; requirement S7.

import { decodePath, encodePath, nativeString, type HttpScopeInit, type ServerAddress } from "@tsgi/core";

/** How the URL of a guest is made. */
export interface UrlRules {
  readonly mountedUrl: "below" | "full";
  readonly dotSegments: "refuse" | "collapse";
}

/** One host and, if need be, a port: nothing that could end an authority, or begin one. */
const HOST = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=%]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;

/** What the path of a URL keeps as it is, and what its query does besides. A table, because this is asked of every request. */
const KEPT = 1;
const KEPT_IN_QUERY = 2;
const CODES: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9\-_~!$&()*+,;=:@/.%]/.test(char)) return KEPT;
  return char === "?" ? KEPT_IN_QUERY : 0;
});
const ENCODED_DOT = /%2e/i;

/** The most origins remembered, and the longest Host that is. */
const MAX_ORIGINS = 256;
const MAX_HOST_LENGTH = 255;
const httpOrigins = new Map<string, string | null>();
const httpsOrigins = new Map<string, string | null>();

/** Whether a Host value is one host and, if need be, a port. */
export function isHost(value: string): boolean {
  return HOST.test(value);
}

/** The URL, as a Request shows it; `null` if the Host header, or a path that a URL would change, forbids one. */
export function requestUrl(scope: HttpScopeInit, rules: UrlRules): string | null {
  const origin = originOf(scope);
  if (origin === null) return null;
  let path = scope.raw_path ?? encodePath(scope.path);
  if (rules.mountedUrl === "below" && scope.root_path !== "") path = pathBelow(path, scope.root_path);
  // OPTIONS * is about the server itself; its URL has no path (RFC 9112 §3.3).
  if (path.charCodeAt(0) !== 0x2f) path = path === "*" ? "/" : `/${path}`;
  const query = scope.query_string === "" ? "" : `?${scope.query_string}`;
  if (isPlain(path) && (query === "" || isKept(query, KEPT_IN_QUERY))) return origin + path + query;
  const url = new URL(origin + asAscii(path) + asAscii(query));
  url.hash = "";
  const same = decodePath(url.pathname) === decodePath(path);
  return same || rules.dotSegments === "collapse" ? url.href : null;
}

function isPlain(path: string): boolean {
  if (!isKept(path, KEPT) || path.includes("/.")) return false;
  return !path.includes("%2") || !ENCODED_DOT.test(path);
}

/** Whether a URL keeps each octet. */
function isKept(octets: string, most: number): boolean {
  for (let i = 0; i < octets.length; i += 1) {
    const kept = CODES[octets.charCodeAt(i)] ?? 0;
    if (kept === 0 || kept > most) return false;
  }
  return true;
}

/** Octets that are no ASCII stand for themselves, and not for characters; `#` ends no target. */
function asAscii(octets: string): string {
  return octets.replace(
    /[^!"$-~]/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function originOf(scope: HttpScopeInit): string | null {
  const host = hostOf(scope);
  const isSecure = scope.scheme === "https";
  const origins = isSecure ? httpsOrigins : httpOrigins;
  const known = origins.get(host);
  if (known !== undefined) return known;
  const origin = isHost(host) ? parsedOrigin(`${isSecure ? "https" : "http"}://${host}`) : null;
  if (host.length > MAX_HOST_LENGTH) return origin;
  if (origins.size >= MAX_ORIGINS) origins.clear();
  origins.set(host, origin);
  return origin;
}

function hostOf({ headers, server }: HttpScopeInit): string {
  for (let i = 0; i < headers.length; i += 1) {
    const field = headers[i] as readonly [string, string];
    if (field[0] === "host") return field[1] === "" ? serverName(server) : field[1];
  }
  return serverName(server);
}

function serverName(server: ServerAddress | null): string {
  if (server === null || server[1] === null) return "localhost";
  const [name, port] = server;
  return `${name.includes(":") ? `[${name}]` : name}:${port}`;
}

function parsedOrigin(text: string): string | null {
  try {
    return new URL(text).origin;
  } catch {
    return null;
  }
}

/** What is left of a raw path below a mount prefix; the whole, if something in front has cut the prefix off already. */
export function pathBelow(raw: string, rootPath: string): string {
  const prefix = nativeString(rootPath);
  let at = 0;
  for (let i = 0; i < prefix.length; i += 1) {
    if (octetAt(raw, at) !== prefix.charCodeAt(i)) return raw;
    at += octetLength(raw, at);
  }
  if (at === raw.length) return "/";
  return octetAt(raw, at) === 0x2f ? `/${raw.slice(at + octetLength(raw, at))}` : raw;
}

const ESCAPE = /%[0-9A-Fa-f]{2}/y;

function octetLength(raw: string, at: number): number {
  ESCAPE.lastIndex = at;
  return raw.charCodeAt(at) === 0x25 && ESCAPE.test(raw) ? 3 : 1;
}

/** The octet a raw path has at a place, percent-decoded; NaN behind its end. */
function octetAt(raw: string, at: number): number {
  return octetLength(raw, at) === 3 ? Number.parseInt(raw.slice(at + 1, at + 3), 16) : raw.charCodeAt(at);
}
