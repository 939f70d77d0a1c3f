// The URL a mounted (req, res) listener sees: what is left after the mount prefix, as connect and Express leave it.
// Sources: connect 3 and Express 5 (`req.url`, `req.originalUrl`, `req.baseUrl`); ASGI HTTP 2.5 "root_path", "raw_path".

import { encodePath, nativeString, type HttpScopeInit } from "@tsgi/core";

/** The three URLs of connect-style frameworks, percent-encoded as the client sent them. */
export interface GuestUrl {
  /** Path and query below the mount point; starts with a slash, but for `*`. */
  readonly url: string;
  /** Path and query in whole. */
  readonly originalUrl: string;
  /** The mount prefix, without a trailing slash; `""` at the root. */
  readonly baseUrl: string;
}

/** Takes a scope's target apart at its `root_path`. */
export function guestUrl(scope: HttpScopeInit): GuestUrl {
  const { root_path, query_string } = scope;
  const raw = scope.raw_path ?? encodePath(scope.path);
  const query = query_string === "" ? "" : `?${query_string}`;
  if (root_path === "") return { url: raw + query, originalUrl: raw + query, baseUrl: "" };
  const end = prefixEnd(raw, nativeString(root_path));
  if (end === -1) {
    // Something in front has cut the prefix off already: the app is still mounted there, as the client sees it.
    const baseUrl = encodePath(root_path);
    return { url: raw + query, originalUrl: baseUrl + raw + query, baseUrl };
  }
  const rest = raw.slice(end);
  const url = rest.startsWith("/") ? rest + query : `/${rest}${query}`;
  return { url, originalUrl: raw + query, baseUrl: raw.slice(0, end) };
}

/** Where in a raw path a decoded prefix ends, at a segment boundary; -1 if the path is not below it. One pass. */
function prefixEnd(raw: string, prefix: string): number {
  let at = 0;
  for (let i = 0; i < prefix.length; i += 1) {
    const octet = octetAt(raw, at);
    if (octet !== prefix.charCodeAt(i)) return -1;
    at += raw.charCodeAt(at) === octet && octet !== 0x25 ? 1 : escapeLength(raw, at);
  }
  return at === raw.length || octetAt(raw, at) === 0x2f ? at : -1;
}

const ESCAPE = /%[0-9A-Fa-f]{2}/y;

function escapeLength(raw: string, at: number): number {
  ESCAPE.lastIndex = at;
  return ESCAPE.test(raw) ? 3 : 1;
}

/** The octet a raw path has at a place, percent-decoded; NaN behind its end. */
function octetAt(raw: string, at: number): number {
  const code = raw.charCodeAt(at);
  if (code !== 0x25 || escapeLength(raw, at) === 1) return code;
  return Number.parseInt(raw.slice(at + 1, at + 3), 16);
}
