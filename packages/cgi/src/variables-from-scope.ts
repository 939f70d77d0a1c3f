// What a gateway tells a CGI program, or a FastCGI upstream, of a request: the scope as meta-variables.
// Sources: RFC 3875 §4.1, §9.8; Go net/http/cgi host.go; requirements CH2 to CH10, FC7, FC9, X12, X26, S23, S24.

import {
  bracketed,
  defaultPort,
  encodePath,
  nativeString,
  pathParts,
  splitHost,
  targetOf,
  type HttpScopeInit,
  type TlsExtension,
} from "@tsgi/core";
import { addHeaderVariables, headerValue } from "./header-variables.ts";
import { metaVariables, type MetaVariables } from "./meta-variables.ts";
import { RequestRefused } from "./request-refused.ts";

/** What a gateway adds to a scope, and what it keeps to itself. */
export interface VariableOptions {
  /** SCRIPT_NAME, as octets. Default: the scope's `root_path`. */
  readonly scriptName?: string;
  /** PATH_INFO, as octets. Default: the path below `root_path`. An empty one is left out (CVE-2019-11043). */
  readonly pathInfo?: string;
  /** SCRIPT_FILENAME. Default: none. */
  readonly scriptFilename?: string | null;
  /** DOCUMENT_ROOT; PATH_TRANSLATED is this and PATH_INFO. Default: neither. */
  readonly documentRoot?: string | null;
  /** CONTENT_LENGTH, in bytes; `null` for none. Default: what the header Content-Length says. */
  readonly contentLength?: number | null;
  /** Whether Authorization and Proxy-Authorization are passed on: the program then sees passwords. Default: `false`. */
  readonly passAuthorization?: boolean;
  /** What becomes of `%2F` in a path: `"refuse"` answers 404, `"decode"` makes it a slash like any other. Default: `"refuse"`. */
  readonly encodedSlashes?: "refuse" | "decode";
  /**
   * What becomes of a path with a `.` or `..` segment, plain or encoded: `"refuse"` answers 404, `"keep"` passes it on, but for
   * PATH_TRANSLATED, which is then left out. Default: `"refuse"`.
   */
  readonly dotSegments?: "refuse" | "keep";
  /** SERVER_SOFTWARE. Default: `"TSGI"`. */
  readonly serverSoftware?: string;
  /** More variables, or others in place of those above: text, sent as UTF-8. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What the server in front of us may say of a user, and nobody else: RFC 3875 §4.1.1, §4.1.10, §4.1.11. */
const OF_THE_USER: readonly string[] = ["AUTH_TYPE", "REMOTE_USER", "REMOTE_IDENT"];

// nginx and Apache write HTTP/2.0, and programs expect it.
const PROTOCOLS: Readonly<Record<string, string>> = {
  "1.0": "HTTP/1.0",
  "1.1": "HTTP/1.1",
  "2": "HTTP/2.0",
  "3": "HTTP/3.0",
};

/**
 * Makes the meta-variables of a request. Nothing of this process's own environment is among them.
 *
 * @throws {@link RequestRefused} with the status to answer: 404 for a path that cannot be passed on, 400 for a NUL, 501 for the
 *   methods CONNECT and TRACE, which are for no program.
 * @see RFC 3875 §4.1
 */
export function variablesFromScope(scope: HttpScopeInit, options: VariableOptions = {}): MetaVariables {
  const { method, scheme, client, headers } = scope;
  if (method === "CONNECT" || method === "TRACE") {
    throw new RequestRefused(501, `The method ${method} is not passed on`);
  }
  const { scriptName, pathInfo } = checkedPath(scope, options);
  const server = serverVariables(scope);
  const meta = metaVariables();
  meta["GATEWAY_INTERFACE"] = "CGI/1.1";
  meta["SERVER_SOFTWARE"] = options.serverSoftware ?? "TSGI";
  meta["SERVER_NAME"] = server.name;
  meta["SERVER_PORT"] = server.port;
  meta["SERVER_PROTOCOL"] = PROTOCOLS[scope.http_version] ?? `HTTP/${scope.http_version}`;
  meta["REQUEST_METHOD"] = method;
  meta["REQUEST_URI"] = targetOf(scope, scope.raw_path ?? encodePath(scope.path));
  meta["REQUEST_SCHEME"] = scheme;
  if (scheme === "https") meta["HTTPS"] = "on";
  meta["SCRIPT_NAME"] = scriptName;
  if (pathInfo !== "") meta["PATH_INFO"] = pathInfo;
  meta["QUERY_STRING"] = scope.query_string;
  if (client !== null) {
    meta["REMOTE_ADDR"] = client[0];
    // Nobody is looked up: RFC 3875 §4.1.9 has the address stand in for the name.
    meta["REMOTE_HOST"] = client[0];
    if (client[1] !== 0) meta["REMOTE_PORT"] = String(client[1]);
  }
  // php-cgi serves no request without it.
  meta["REDIRECT_STATUS"] = "200";
  addFiles(meta, options, pathInfo);
  addBody(meta, scope, options.contentLength);
  addHeaderVariables(meta, headers, options.passAuthorization === true);
  addUser(meta, scope);
  if (scope.extensions.tls !== undefined) addTls(meta, scope.extensions.tls);
  for (const [name, value] of Object.entries(options.env ?? {})) meta[name] = nativeString(value);
  for (const name of Object.keys(meta)) {
    if (meta[name]?.includes("\0") === true) throw new RequestRefused(400, `There is a NUL in ${name}`);
  }
  return meta;
}

const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/;

function checkedPath(
  scope: HttpScopeInit,
  options: VariableOptions,
): { readonly scriptName: string; readonly pathInfo: string } {
  const { encodedSlashes = "refuse", dotSegments = "refuse" } = options;
  const parts = pathParts(scope);
  const { scriptName = parts.scriptName, pathInfo = parts.pathInfo } = options;
  const path = scriptName + pathInfo;
  if (path.includes("\0")) throw new RequestRefused(404, "There is a NUL in the path");
  if (encodedSlashes === "refuse" && /%2f/i.test(scope.raw_path ?? "")) {
    throw new RequestRefused(404, "There is an encoded slash in the path");
  }
  if (dotSegments === "refuse" && DOT_SEGMENT.test(path)) {
    throw new RequestRefused(404, "There is a dot segment in the path");
  }
  return { scriptName, pathInfo };
}

/** What the client called the server; else the address it listens on, where that is one. */
function serverVariables(scope: HttpScopeInit): { readonly name: string; readonly port: string } {
  const { host, port } = splitHost(headerValue(scope.headers, "host") ?? "");
  const [address = "", listening = null] = scope.server ?? [];
  const isHost = listening !== null && address !== "" && address !== "0.0.0.0" && address !== "::";
  const name = host === "" && isHost ? address : host;
  return {
    name: name === "" ? "localhost" : bracketed(name),
    port: port || (listening === null ? defaultPort(scope.scheme) : String(listening)),
  };
}

function addFiles(meta: MetaVariables, options: VariableOptions, pathInfo: string): void {
  const { scriptFilename = null, documentRoot = null } = options;
  if (scriptFilename !== null) meta["SCRIPT_FILENAME"] = nativeString(scriptFilename);
  if (documentRoot === null) return;
  const root = nativeString(documentRoot);
  meta["DOCUMENT_ROOT"] = root;
  // What a program opens without a second look must not lead out of the root.
  if (pathInfo === "" || DOT_SEGMENT.test(pathInfo)) return;
  meta["PATH_TRANSLATED"] = root.replace(/\/+$/, "") + pathInfo;
}

function addBody(meta: MetaVariables, scope: HttpScopeInit, length: number | null | undefined): void {
  const declared = headerValue(scope.headers, "content-length");
  if (length === undefined) {
    if (declared !== null && declared !== "") meta["CONTENT_LENGTH"] = declared;
  } else if (length !== null) {
    meta["CONTENT_LENGTH"] = String(length);
  }
  const type = headerValue(scope.headers, "content-type");
  if (type !== null && type !== "") meta["CONTENT_TYPE"] = type;
}

function addUser(meta: MetaVariables, scope: HttpScopeInit): void {
  const origin = scope.extensions.wsgi?.environ as Readonly<Record<string, unknown>> | undefined;
  if (origin === undefined) return;
  for (const name of OF_THE_USER) {
    const value = Object.hasOwn(origin, name) ? origin[name] : "";
    if (typeof value === "string" && value !== "") meta[name] = value;
  }
}

const TLS_VERSIONS: Readonly<Record<number, string>> = {
  0x0301: "TLSv1",
  0x0302: "TLSv1.1",
  0x0303: "TLSv1.2",
  0x0304: "TLSv1.3",
};

/** As Apache's mod_ssl names them. */
function addTls(meta: MetaVariables, tls: TlsExtension): void {
  const { tls_version, client_cert_chain, client_cert_name, client_cert_error } = tls;
  const version = TLS_VERSIONS[tls_version ?? 0];
  if (version !== undefined) meta["SSL_PROTOCOL"] = version;
  const [certificate] = client_cert_chain;
  if (client_cert_error !== null) meta["SSL_CLIENT_VERIFY"] = `FAILED:${client_cert_error}`;
  else meta["SSL_CLIENT_VERIFY"] = certificate === undefined ? "NONE" : "SUCCESS";
  if (client_cert_name !== null) meta["SSL_CLIENT_S_DN"] = nativeString(client_cert_name);
  if (certificate !== undefined) meta["SSL_CLIENT_CERT"] = certificate;
}
