// The scope of a request, from those meta-variables that make one: where they come from is somebody else's business.
// Sources: RFC 3875 §4.1; ASGI HTTP 2.5 "WSGI Compatibility".

import { textOfNative } from "./bytes.ts";
import { defaultPort, splitHost } from "./environ-address.ts";
import { GatewayError } from "./errors.ts";
import { isToken, MAX_KNOWN_NAMES } from "./headers.ts";
import { withoutTrailingSlash } from "./mount.ts";
import type {
  AsgiVersions,
  ClientAddress,
  Extensions,
  Headers,
  HttpScopeInit,
  ServerAddress,
} from "./scope.ts";
import { splitTarget } from "./target.ts";

const ASGI: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);
const PROTOCOL = /^HTTP\/(\d)(?:\.(\d))?$/;
const HTTPS_ON = /^(?:on|1|yes|true)$/i;
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;

/** What makes a scope, besides its headers: binary strings; `""` for a variable that is not there. */
export interface RequestVariables {
  readonly REQUEST_METHOD: string;
  readonly REQUEST_URI: string;
  readonly SCRIPT_NAME: string;
  readonly PATH_INFO: string;
  readonly QUERY_STRING: string;
  readonly SERVER_PROTOCOL: string;
  readonly SERVER_NAME: string;
  readonly SERVER_PORT: string;
  readonly REMOTE_ADDR: string;
  readonly REMOTE_PORT: string;
}

/**
 * Makes a scope: `raw_path`, `client` and `server` are `null` where the variables do not tell.
 *
 * @throws {@link GatewayError} `TSGI_ERR_WSGI` if there is no REQUEST_METHOD, or an unreadable SERVER_PROTOCOL: answer 400.
 */
export function scopeFromVariables(
  variables: RequestVariables,
  scheme: "http" | "https",
  headers: Headers,
  extensions: Extensions,
): HttpScopeInit {
  const { REQUEST_METHOD: method, REQUEST_URI: target, SCRIPT_NAME, PATH_INFO } = variables;
  if (method === "") throw new GatewayError("TSGI_ERR_WSGI", "The environ has no REQUEST_METHOD");
  const starred = method === "OPTIONS" && (PATH_INFO === "*" || (PATH_INFO === "" && target === "*"));
  const rootPath = rooted(withoutTrailingSlash(SCRIPT_NAME));
  // A slash that is all of SCRIPT_NAME, or its end, belongs to the path.
  const rest = PATH_INFO === "" && SCRIPT_NAME.endsWith("/") ? "/" : rooted(PATH_INFO);
  return {
    type: "http",
    asgi: ASGI,
    http_version: httpVersion(variables.SERVER_PROTOCOL),
    method,
    scheme,
    path: starred ? "*" : textOfNative(rootPath + rest) || "/",
    raw_path: target === "" ? null : splitTarget(target).rawPath,
    query_string: variables.QUERY_STRING,
    root_path: textOfNative(rootPath),
    headers,
    client: clientAddress(variables.REMOTE_ADDR, variables.REMOTE_PORT),
    server: serverAddress(variables.SERVER_NAME, variables.SERVER_PORT, scheme),
    state: null,
    extensions,
    rawHeaders: null,
  };
}

/** The scheme HTTPS (`on`, `1`, `yes`, `true` in any case) and REQUEST_SCHEME say. */
export function schemeFromVariables(https: string, requestScheme: string): "http" | "https" {
  return requestScheme === "https" || (https !== "" && HTTPS_ON.test(https)) ? "https" : "http";
}

const headerNames = new Map<string, string>();

/** The longest name of a variable whose header is remembered. */
const MAX_KNOWN_LENGTH = 64;

/** The header a meta-variable holds: `HTTP_X_FOO` is `x-foo`; `""` if it holds none. */
export function headerOfVariable(name: string): string {
  const known = headerNames.get(name);
  if (known !== undefined) return known;
  const header = findHeader(name);
  if (headerNames.size < MAX_KNOWN_NAMES && name.length <= MAX_KNOWN_LENGTH) headerNames.set(name, header);
  return header;
}

function findHeader(name: string): string {
  if (name === "CONTENT_TYPE") return "content-type";
  if (name === "CONTENT_LENGTH") return "content-length";
  if (!name.startsWith("HTTP_") || NOT_HEADERS.has(name)) return "";
  const header = name.slice(5).toLowerCase().replaceAll("_", "-");
  return header !== "" && isToken(header) ? header : "";
}

const NOT_HEADERS = new Set(["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_PROXY"]);

/** Whether a variable that holds this header holds something: web servers pass empty ones, and -1 for an unknown length. */
export function isHeaderValue(header: string, value: string): boolean {
  if (header === "content-type") return value !== "";
  return header !== "content-length" || /^\d+$/.test(value);
}

function httpVersion(protocol: string): string {
  if (protocol === "HTTP/1.1") return "1.1";
  // INCLUDED is what a server-side include says (RFC 3875 §4.1.16).
  if (protocol === "" || protocol === "INCLUDED") return "1.0";
  const [, major, minor] = PROTOCOL.exec(protocol) ?? [];
  if (major === "1") return minor === undefined || minor === "0" ? "1.0" : "1.1";
  if (major === "2" || major === "3") return major;
  throw new GatewayError("TSGI_ERR_WSGI", `SERVER_PROTOCOL is unreadable: ${JSON.stringify(protocol)}`);
}

function clientAddress(address: string, port: string): ClientAddress | null {
  // What nginx writes for a peer on a unix socket.
  if (address === "" || address.startsWith("unix:")) return null;
  // A mapped IPv4 address is that IPv4 address.
  const host = address.startsWith(":") ? address.replace(MAPPED, "") : address;
  return [host, Math.max(portOf(port), 0)];
}

/** The last address asked for: nearly all requests of a server have the same. */
let lastName = "";
let lastPort = "";
let lastScheme = "";
let lastAddress: ServerAddress | null = null;

function serverAddress(name: string, port: string, scheme: string): ServerAddress | null {
  if (name === lastName && port === lastPort && scheme === lastScheme) return lastAddress;
  lastAddress = findServerAddress(name, port, scheme);
  [lastName, lastPort, lastScheme] = [name, port, scheme];
  return lastAddress;
}

function findServerAddress(text: string, given: string, scheme: string): ServerAddress | null {
  const { host, port } = splitHost(text);
  if (host === "") return null;
  const number = portOf(given);
  return Object.freeze([host, number === -1 ? Number(port || defaultPort(scheme)) : number] as const);
}

/** A port of up to five digits; -1 if it is none. */
function portOf(digits: string): number {
  const { length } = digits;
  if (length === 0 || length > 5) return -1;
  let port = 0;
  for (let i = 0; i < length; i += 1) {
    const digit = digits.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port <= 65_535 ? port : -1;
}

/** A path, if there is one, with the slash it begins with: else PATH_INFO would go on in the last segment of SCRIPT_NAME. */
function rooted(path: string): string {
  return path === "" || path.startsWith("/") ? path : `/${path}`;
}
