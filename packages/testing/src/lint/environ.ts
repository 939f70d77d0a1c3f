// An environ, checked as the server's work before the app is called.
// Source: PEP 3333 "environ Variables"; wsgiref.validate; requirements W2 to W11, W14, W15, W17, W18, W25, W52, W54.

import { percentDecode, splitTarget } from "@tsgi/core";
import { isPlainObject, seen } from "./event-values.ts";
import type { Fault } from "./lint-error.ts";
import { isBinary } from "./scope-values.ts";

type EnvironRecord = Readonly<Record<string, unknown>>;

const REQUIRED = [
  "REQUEST_METHOD",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "wsgi.version",
  "wsgi.url_scheme",
  "wsgi.input",
  "wsgi.errors",
  "wsgi.multithread",
  "wsgi.multiprocess",
  "wsgi.run_once",
] as const;

/** Never there: CONTENT_TYPE and CONTENT_LENGTH hold the one, HTTP_COOKIE the other, and HTTP_PROXY is an attack. */
const FORBIDDEN = ["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_PROXY", "COOKIE"] as const;

/**
 * Checks an environ.
 *
 * @param known - The environs of earlier calls.
 */
export function checkEnviron(environ: unknown, known: WeakSet<object>, fault: Fault): void {
  if (!isPlainObject(environ)) return fault("W2", `environ is a plain object, not ${seen(environ)}`);
  if (known.has(environ)) fault("W2", "environ is the same object as that of an earlier call");
  known.add(environ);
  if (!Object.isExtensible(environ)) fault("W2", "an app may add keys to environ: it is not to be frozen");
  for (const key of REQUIRED) {
    const property = Object.getOwnPropertyDescriptor(environ, key);
    if (property === undefined) fault("W3", `environ lacks ${key}`);
    else if (!("value" in property) || property.enumerable !== true || property.writable !== true) {
      fault("W2", `${key} is no plain property that an app can change`);
    }
  }
  checkStrings(environ, fault);
  checkRequest(environ, fault);
  checkTarget(environ, fault);
  checkServerKeys(environ, fault);
}

function checkStrings(environ: EnvironRecord, fault: Fault): void {
  for (const [key, value] of Object.entries(environ)) {
    if (key.includes(".")) {
      if (key !== key.toLowerCase()) fault("W18", `the key ${seen(key)} of the server is not in lower case`);
      continue;
    }
    if (typeof value !== "string" || !isBinary(value)) {
      fault("W4", `${key} is a string of octets, not ${seen(value)}`);
    }
    if (key.startsWith("HTTP_") && !/^HTTP_[^a-z-]+$/.test(key)) {
      fault("W11", `${seen(key)} is not a header name in upper case with underscores`);
    }
  }
  for (const key of ["CONTENT_TYPE", "CONTENT_LENGTH"] as const) {
    if (environ[key] === "") fault("W4", `${key} is empty: what the request lacks is left out`);
  }
  for (const key of FORBIDDEN) {
    if (key in environ) fault("W11", `${key} never stands in environ`);
  }
}

function checkRequest(environ: EnvironRecord, fault: Fault): void {
  for (const key of ["REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT"] as const) {
    if (environ[key] === "") fault("W3", `${key} is empty`);
  }
  if (!/^\d+$/.test(String(environ.SERVER_PORT))) {
    fault("W3", `SERVER_PORT is digits, not ${seen(environ.SERVER_PORT)}`);
  }
  if (!/^HTTP\/\d(?:\.\d)?$/.test(String(environ.SERVER_PROTOCOL))) {
    fault("W15", `SERVER_PROTOCOL is like "HTTP/1.1", not ${seen(environ.SERVER_PROTOCOL)}`);
  }
  const { CONTENT_LENGTH: length } = environ;
  if (typeof length === "string" && length !== "" && !/^\d+$/.test(length)) {
    fault("W4", `CONTENT_LENGTH is digits, not ${seen(length)}`);
  }
  if ("HTTP_TRANSFER_ENCODING" in environ) {
    fault("W25", "HTTP_TRANSFER_ENCODING is there, though the body is de-chunked");
  }
}

function checkTarget(environ: EnvironRecord, fault: Fault): void {
  const { SCRIPT_NAME: script, PATH_INFO: path, QUERY_STRING: query, REQUEST_URI: uri } = environ;
  if (typeof script !== "string" || typeof path !== "string" || typeof query !== "string") return;
  if ((script !== "" && !script.startsWith("/")) || script.endsWith("/")) {
    fault("W5", `SCRIPT_NAME is "" or starts with a slash and ends without: ${seen(script)}`);
  }
  const isStar = path === "*" && environ.REQUEST_METHOD === "OPTIONS";
  if (path !== "" && !path.startsWith("/") && !isStar)
    fault("W6", `PATH_INFO starts with a slash: ${seen(path)}`);
  if (path === "" && script === "") fault("W6", "PATH_INFO and SCRIPT_NAME are both empty");
  if (uri === undefined) return;
  if (typeof uri !== "string" || uri === "" || /[\s#]/.test(uri)) {
    return fault("W9", `REQUEST_URI is the target as it was sent, not ${seen(uri)}`);
  }
  // A web server in front may have rewritten the target: its PATH_INFO is then the one that counts.
  if ("GATEWAY_INTERFACE" in environ) return;
  const target = splitTarget(uri);
  if (target.query !== query)
    fault("W10", `QUERY_STRING is ${seen(query)}, REQUEST_URI has ${seen(target.query)}`);
  const decoded = percentDecode(target.rawPath);
  // A proxy may have taken the mount prefix off before the server saw the target.
  if (decoded === script + path || decoded === path) return;
  const collapsed = decoded.replace(/\/{2,}/g, "/");
  fault(
    collapsed === script + path ? "W8" : "W7",
    `SCRIPT_NAME and PATH_INFO are the path of REQUEST_URI decoded once: ${seen(decoded)} is not ${seen(script + path)}`,
  );
}

function checkServerKeys(environ: EnvironRecord, fault: Fault): void {
  const version = environ["wsgi.version"];
  if (!Array.isArray(version) || version.length !== 2 || version[0] !== 1 || version[1] !== 0) {
    fault("W17", `wsgi.version is the pair 1, 0, not ${seen(version)}`);
  }
  for (const key of ["wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"] as const) {
    if (typeof environ[key] !== "boolean") fault("W17", `${key} is a boolean, not ${seen(environ[key])}`);
  }
  const scheme = environ["wsgi.url_scheme"];
  if (scheme !== "http" && scheme !== "https") {
    fault("W14", `wsgi.url_scheme is "http" or "https", not ${seen(scheme)}`);
  }
  if (scheme === "http" && /^(?:on|1|yes)$/i.test(String(environ.HTTPS))) {
    fault("W14", `wsgi.url_scheme is "http" though HTTPS is ${seen(environ.HTTPS)}`);
  }
  if (environ["wsgi.input_terminated"] !== true) {
    fault("W25", "wsgi.input_terminated is not true");
  }
  for (const [key, rule] of [
    ["wsgi.file_wrapper", "W52"],
    ["wsgi.early_hints", "W54"],
  ] as const) {
    const value = environ[key];
    if (value !== undefined && typeof value !== "function")
      fault(rule, `${key} is a function, not ${seen(value)}`);
  }
}
