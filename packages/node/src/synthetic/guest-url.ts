// The URL a mounted (req, res) listener sees: what is left after the mount prefix, as connect and Express leave it.
// Sources: connect 3 and Express 5 (`req.url`, `req.originalUrl`, `req.baseUrl`); ASGI HTTP 2.5 "root_path", "raw_path".

import { encodePath, nativeString, targetOf, type HttpScopeInit } from "@tsgi/core";

/** The three URLs of connect-style frameworks, percent-encoded as the client sent them. */
export interface GuestUrl {
  /** Path and query below the mount point, behind the authority of an absolute-form target; starts with a slash, but for `*`. */
  readonly url: string;
  /** The whole target. */
  readonly originalUrl: string;
  /** The mount prefix, without a trailing slash; `""` at the root. */
  readonly baseUrl: string;
}

const AUTHORITY = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

/** Takes a scope's target apart at its `root_path`. */
export function guestUrl(scope: HttpScopeInit): GuestUrl {
  const { root_path } = scope;
  const raw = scope.raw_path ?? encodePath(scope.path);
  const target = targetOf(scope, raw);
  if (root_path === "") return { url: target, originalUrl: target, baseUrl: "" };
  const end = prefixEnd(raw, nativeString(root_path));
  if (end === -1) {
    // Something in front has cut the prefix off already: the app is still mounted there, as the client sees it.
    const baseUrl = encodePath(root_path);
    return { url: target, originalUrl: target.startsWith("/") ? baseUrl + target : target, baseUrl };
  }
  const authority = AUTHORITY.exec(target)?.[0] ?? "";
  const rest = target.slice(authority.length + end);
  const url = rest.startsWith("/") ? rest : `/${rest}`;
  return { url: authority + url, originalUrl: target, baseUrl: raw.slice(0, end) };
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
