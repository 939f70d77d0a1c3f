// What http and websocket scopes share, checked as the server's work: who asks, for what, and what is offered.
// Source: ASGI www 2.5 "HTTP Connection Scope"; tls 0.2; requirements A2, A12, A15 to A24, A58.

import { decodePath, isFieldValue, isToken } from "@tsgi/core";
import { isPlainObject, seen } from "./event-values.ts";
import type { Fault } from "./lint-error.ts";

type ScopeRecord = Readonly<Record<string, unknown>>;

const TLS_KEYS = [
  "server_cert",
  "client_cert_chain",
  "client_cert_name",
  "client_cert_error",
  "tls_version",
  "cipher_suite",
] as const;

/** Checks `asgi` of any scope. */
export function checkVersions(scope: ScopeRecord, specVersion: string, fault: Fault): void {
  const { asgi } = scope;
  if (!isPlainObject(asgi)) return fault("A2", `scope.asgi is a plain object, not ${seen(asgi)}`);
  if (asgi.version !== "3.0") fault("A2", `scope.asgi.version is "3.0", not ${seen(asgi.version)}`);
  if (asgi.spec_version !== specVersion) {
    fault("A2", `scope.asgi.spec_version is "${specVersion}", not ${seen(asgi.spec_version)}`);
  }
}

/** Checks the keys that http and websocket scopes share. */
export function checkConnection(scope: ScopeRecord, fault: Fault): void {
  checkTarget(scope, fault);
  checkHeaders(scope.headers, fault);
  checkAddress("client", scope.client, fault);
  checkAddress("server", scope.server, fault);
  const { rawHeaders } = scope;
  if (rawHeaders !== null && !(Array.isArray(rawHeaders) && rawHeaders.length % 2 === 0)) {
    fault("A22", `scope.rawHeaders is flat, names and values by turns, or null, not ${seen(rawHeaders)}`);
  }
  if (!("signal" in scope)) fault("A34", "scope.signal is missing");
  if (scope.state === undefined) fault("A24", "scope.state is missing: without lifespan it is null");
  checkExtensions(scope.extensions, fault);
}

function checkTarget(scope: ScopeRecord, fault: Fault): void {
  const { path, raw_path: raw, root_path: root, query_string: query } = scope;
  if (typeof path !== "string") return fault("A18", `scope.path is a string, not ${seen(path)}`);
  if (!path.startsWith("/") && !(path === "*" && scope.method === "OPTIONS")) {
    fault("A18", `scope.path starts with a slash: ${seen(path)}`);
  }
  if (typeof query !== "string" || !isBinary(query)) {
    fault("A20", `scope.query_string is a binary string, not ${seen(query)}`);
  }
  if (typeof root !== "string" || (root !== "" && !root.startsWith("/")) || root.endsWith("/")) {
    return fault("A21", `scope.root_path is "" or starts with a slash and ends without: ${seen(root)}`);
  }
  if (root !== "" && path !== root && !path.startsWith(`${root}/`)) {
    fault("A21", `scope.path holds the mount prefix ${seen(root)} in front: ${seen(path)}`);
  }
  if (raw === null) return;
  if (typeof raw !== "string" || !isBinary(raw) || raw.includes("?")) {
    return fault("A19", `scope.raw_path is a binary string without the query, or null, not ${seen(raw)}`);
  }
  // A proxy may have taken the prefix off before the server saw the target.
  const decoded = decodePath(raw);
  if (path !== decoded && path !== root + decoded) {
    fault("A18", `scope.path is raw_path decoded once: ${seen(raw)} is not ${seen(path)}`);
  }
}

function checkHeaders(headers: unknown, fault: Fault): void {
  if (!Array.isArray(headers)) return fault("A22", `scope.headers is an array, not ${seen(headers)}`);
  for (const header of headers as unknown[]) {
    const [name, value] = (Array.isArray(header) ? header : []) as unknown[];
    if (
      !Array.isArray(header) ||
      header.length !== 2 ||
      typeof name !== "string" ||
      typeof value !== "string"
    ) {
      fault("A22", `a header of the scope is a pair of strings, not ${seen(header)}`);
      continue;
    }
    if (!isToken(name) || name !== name.toLowerCase()) {
      fault("A22", `a header name of the scope is a token in lower case, not ${seen(name)}`);
    }
    if (!isFieldValue(value) || /^[ \t]|[ \t]$/.test(value)) {
      fault(
        "A22",
        `the value of ${name} is a trimmed binary string without control characters: ${seen(value)}`,
      );
    }
  }
}

function checkAddress(key: "client" | "server", address: unknown, fault: Fault): void {
  if (address === null) return;
  const [host, port] = (Array.isArray(address) ? address : []) as unknown[];
  const isPort = Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535;
  const isPath = key === "server" && port === null;
  if (!Array.isArray(address) || address.length !== 2 || typeof host !== "string" || !(isPort || isPath)) {
    return fault("A23", `scope.${key} is a host and an integer port, or null, not ${seen(address)}`);
  }
  if (isPort && /[[\]%]/.test(host)) {
    fault("A23", `the address in scope.${key} has neither brackets nor a zone: ${seen(host)}`);
  }
}

function checkExtensions(extensions: unknown, fault: Fault): void {
  if (!isPlainObject(extensions)) {
    return fault("A12", `scope.extensions is a plain object, not ${seen(extensions)}`);
  }
  for (const [name, value] of Object.entries(extensions)) {
    if (typeof value !== "object" || value === null) {
      fault(
        "A12",
        `the extension ${name} is an object, not ${seen(value)}: leave it out where it is not offered`,
      );
    }
  }
  const { tls } = extensions;
  if (tls !== undefined && isPlainObject(tls)) checkTls(tls, fault);
}

function checkTls(tls: Record<string, unknown>, fault: Fault): void {
  for (const key of TLS_KEYS) {
    if (tls[key] === undefined) fault("A58", `the tls extension always has ${key}`);
  }
  const { client_cert_chain: chain, client_cert_error: error } = tls;
  if (!Array.isArray(chain)) fault("A58", `client_cert_chain is an array, not ${seen(chain)}`);
  if (error === "") fault("A58", "client_cert_error is null where there is none, never empty");
  for (const key of ["tls_version", "cipher_suite"] as const) {
    const number = tls[key];
    if (number === null || number === undefined) continue;
    if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > 0xffff) {
      fault("A58", `${key} is a 16-bit number or null, not ${seen(number)}`);
    }
  }
}

/** Whether every code unit is an octet. */
export function isBinary(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 0xff) return false;
  }
  return true;
}
