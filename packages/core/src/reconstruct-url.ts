// The URL a client asked for, as far as an environ can tell.
// Source: PEP 3333 "URL Reconstruction"; RFC 3986 §3.3 (what may stand in a path as it is).

import { bracketed, defaultPort } from "./environ-address.ts";

// Everything RFC 3986 allows in a path (pchar and the slash), and so what the client need not have encoded.
const ENCODED = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g;

/**
 * Builds the URL: scheme, Host (or the server's name, and its port if that is not the scheme's own), the path with its octets
 * percent-encoded, and the query if there is one.
 */
export function reconstructUrl(environ: Readonly<Record<string, unknown>>): string {
  const scheme = text(environ["wsgi.url_scheme"]) || "http";
  const query = text(environ["QUERY_STRING"]);
  const pathInfo = text(environ["PATH_INFO"]);
  // OPTIONS * asks for the server itself: the path of its URL is empty (RFC 9112 §3.3).
  const path = pathInfo === "*" ? "" : quote(text(environ["SCRIPT_NAME"]) + pathInfo);
  return `${scheme}://${authority(environ, scheme)}${path}${query === "" ? "" : `?${query}`}`;
}

function authority(environ: Readonly<Record<string, unknown>>, scheme: string): string {
  const host = text(environ["HTTP_HOST"]);
  if (host !== "") return host;
  const name = bracketed(text(environ["SERVER_NAME"]));
  const port = text(environ["SERVER_PORT"]);
  return port === "" || port === defaultPort(scheme) ? name : `${name}:${port}`;
}

function quote(octets: string): string {
  const quoted = octets.replace(
    ENCODED,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return quoted === "" || quoted.startsWith("/") ? quoted : `/${quoted}`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
