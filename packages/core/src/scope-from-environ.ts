// The scope of a request, made from an environ or from the meta-variables a web server sent.
// Sources: RFC 3875 §4.1; PEP 3333 "environ Variables"; ASGI HTTP 2.5 "WSGI Compatibility".

import { textOfNative } from "./bytes.ts";
import { defaultPort, splitHost } from "./environ-address.ts";
import { buildEnviron, environSettings } from "./environ.ts";
import { GatewayError } from "./errors.ts";
import { isToken } from "./headers.ts";
import { withoutTrailingSlash } from "./mount.ts";
import type { ErrorStream, InputStream } from "./pep3333.ts";
import type { AsgiVersions, ClientAddress, Header, HttpScopeInit, ServerAddress } from "./scope.ts";
import { splitTarget } from "./target.ts";

const ASGI: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);
const PROTOCOL = /^HTTP\/(\d)(?:\.(\d))?$/;
const HTTPS_ON = /^(?:on|1|yes|true)$/i;

/**
 * Makes a scope. An environ which was itself made from a scope, and has not been changed since, gives that very scope back;
 * else `extensions.wsgi.environ` is the environ, and `raw_path`, `client` and `server` are `null` where it does not tell.
 *
 * @throws {@link GatewayError} `TSGI_ERR_WSGI` if it has no REQUEST_METHOD or an unreadable SERVER_PROTOCOL: answer 400.
 */
export function scopeFromEnviron(environ: Readonly<Record<string, unknown>>): HttpScopeInit {
  const original = originalScope(environ);
  if (original !== null) return original;
  const method = text(environ, "REQUEST_METHOD");
  if (method === "") throw new GatewayError("TSGI_ERR_WSGI", "The environ has no REQUEST_METHOD");
  const target = text(environ, "REQUEST_URI");
  const scheme = schemeFromEnviron(environ);
  const scriptName = text(environ, "SCRIPT_NAME");
  const pathInfo = text(environ, "PATH_INFO");
  const starred = method === "OPTIONS" && (pathInfo === "*" || (pathInfo === "" && target === "*"));
  const rootPath = rooted(withoutTrailingSlash(scriptName));
  // A slash that is all of SCRIPT_NAME, or its end, belongs to the path.
  const rest = pathInfo === "" && scriptName.endsWith("/") ? "/" : rooted(pathInfo);
  return {
    type: "http",
    asgi: ASGI,
    http_version: httpVersion(text(environ, "SERVER_PROTOCOL")),
    method,
    scheme,
    path: starred ? "*" : textOfNative(rootPath + rest) || "/",
    raw_path: target === "" ? null : splitTarget(target).rawPath,
    query_string: text(environ, "QUERY_STRING"),
    root_path: textOfNative(rootPath),
    headers: headersFromEnviron(environ),
    client: clientAddress(environ),
    server: serverAddress(environ, scheme),
    state: null,
    extensions: { wsgi: { environ } },
    rawHeaders: null,
  };
}

/**
 * The scheme: `wsgi.url_scheme` if it is there, else what HTTPS (`on`, `1`, `yes`, `true` in any case) and REQUEST_SCHEME say.
 *
 * @see wsgiref.util.guess_scheme
 */
export function schemeFromEnviron(environ: Readonly<Record<string, unknown>>): "http" | "https" {
  const given = environ["wsgi.url_scheme"];
  if (given === "http" || given === "https") return given;
  const https = text(environ, "HTTPS");
  const secure = (https !== "" && HTTPS_ON.test(https)) || text(environ, "REQUEST_SCHEME") === "https";
  return secure ? "https" : "http";
}

/** The headers: `HTTP_X_FOO` is `x-foo`, in the environ's order; what was joined stays joined. */
function headersFromEnviron(environ: Readonly<Record<string, unknown>>): Header[] {
  const headers: Header[] = [];
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (typeof value !== "string") continue;
    const name = headerName(key, value);
    if (name !== "") headers.push([name, value]);
  }
  return headers;
}

function headerName(key: string, value: string): string {
  if (key === "CONTENT_TYPE") return value === "" ? "" : "content-type";
  // Web servers write -1 for "unknown", and some an empty string for "none".
  if (key === "CONTENT_LENGTH") return /^\d+$/.test(value) ? "content-length" : "";
  if (!key.startsWith("HTTP_") || NOT_HEADERS.has(key)) return "";
  const name = key.slice(5).toLowerCase().replaceAll("_", "-");
  return name !== "" && isToken(name) ? name : "";
}

const NOT_HEADERS = new Set(["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_PROXY"]);

function httpVersion(protocol: string): string {
  // INCLUDED is what a server-side include says (RFC 3875 §4.1.16).
  if (protocol === "" || protocol === "INCLUDED") return "1.0";
  if (protocol === "HTTP/1.1") return "1.1";
  const [, major, minor] = PROTOCOL.exec(protocol) ?? [];
  if (major === "1") return minor === undefined || minor === "0" ? "1.0" : "1.1";
  if (major === "2" || major === "3") return major;
  throw new GatewayError("TSGI_ERR_WSGI", `SERVER_PROTOCOL is unreadable: ${JSON.stringify(protocol)}`);
}

function clientAddress(environ: Readonly<Record<string, unknown>>): ClientAddress | null {
  const address = text(environ, "REMOTE_ADDR");
  // What nginx writes for a peer on a unix socket.
  if (address === "" || address.startsWith("unix:")) return null;
  const port = text(environ, "REMOTE_PORT");
  // A mapped IPv4 address is that IPv4 address.
  const host = address.startsWith(":") ? address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "") : address;
  return [host, isPort(port) ? Number(port) : 0];
}

function serverAddress(environ: Readonly<Record<string, unknown>>, scheme: string): ServerAddress | null {
  const { host, port } = splitHost(text(environ, "SERVER_NAME"));
  if (host === "") return null;
  const given = text(environ, "SERVER_PORT");
  if (isPort(given)) return [host, Number(given)];
  return [host, Number(port === "" ? defaultPort(scheme) : port)];
}

function isPort(digits: string): boolean {
  return /^\d{1,5}$/.test(digits) && Number(digits) <= 65_535;
}

/** A path, if there is one, with the slash it begins with: else PATH_INFO would go on in the last segment of SCRIPT_NAME. */
function rooted(path: string): string {
  return path === "" || path.startsWith("/") ? path : `/${path}`;
}

function text(environ: Readonly<Record<string, unknown>>, key: string): string {
  const value = Object.hasOwn(environ, key) ? environ[key] : undefined;
  return typeof value === "string" ? value : "";
}

/** The scope in `asgi.scope`, if the environ still says what that scope says. */
function originalScope(environ: Readonly<Record<string, unknown>>): HttpScopeInit | null {
  const scope = environ["asgi.scope"] as HttpScopeInit | undefined;
  if (scope?.type !== "http") return null;
  const { "wsgi.input": input, "wsgi.errors": errors } = environ;
  const again = buildEnviron(scope, input as InputStream, errors as ErrorStream, [], PERMISSIVE);
  const keys = Object.keys(environ).filter(isMetaVariable);
  const same = keys.length === Object.keys(again).filter(isMetaVariable).length;
  const unchanged = same && keys.every((key) => environ[key] === again[key]);
  return unchanged && again["wsgi.url_scheme"] === environ["wsgi.url_scheme"] ? scope : null;
}

const PERMISSIVE = environSettings({ maxDuplicateHeaders: Infinity });

function isMetaVariable(key: string): boolean {
  return !key.includes(".");
}
