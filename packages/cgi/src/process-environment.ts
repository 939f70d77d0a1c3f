// The meta-variables in the environment of this process, octet for octet.
// Sources: RFC 3875 §4.1; PEP 3333 (run_with_cgi); wsgiref.handlers read_environ; requirements C2, C30, C31.

import { readFileSync } from "node:fs";
import { nativeString } from "@tsgi/core";
import { addMetaVariable, metaVariables, type MetaVariables } from "./meta-variables.ts";

/**
 * What web servers set: RFC 3875, and what nginx, Apache (mod_ssl, mod_rewrite), lighttpd and IIS add. Nothing else in the environment of a
 * process (PATH, HOME, secrets) belongs to a request. With an underscore, a family of names.
 */
const SET_BY_SERVERS: ReadonlySet<string> = new Set([
  "AUTH_",
  "Authorization",
  "CERT_",
  "CONTENT_",
  "CONTEXT_",
  "DOCUMENT_",
  "FCGI_ROLE",
  "GATEWAY_INTERFACE",
  "HTTPS",
  "HTTPS_",
  "HTTP2",
  "HTTP_",
  "LOCAL_",
  "PATH_INFO",
  "PATH_TRANSLATED",
  "QUERY_STRING",
  "REDIRECT_",
  "REMOTE_",
  "REQUEST_",
  "SCRIPT_",
  "SERVER_",
  "SSL_",
  "UNIQUE_ID",
]);

/** What looks like them, but belongs to the process: a proxy's address may have a password in it. */
const OF_THE_PROCESS: ReadonlySet<string> = new Set(["HTTPS_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE"]);

/** Where the environment comes from; a test may have another. */
export interface ProcessEnvironment {
  readonly platform: string;
  /** As the runtime has decoded it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As the process was given it: `NAME=value`, each with a NUL behind it, a code unit for each octet. Throws where there is none. */
  readRaw(): string;
}

const OWN: ProcessEnvironment = {
  platform: process.platform,
  env: process.env,
  readRaw: () => readFileSync("/proc/self/environ", "latin1"),
};

/**
 * The meta-variables of the request this process was started for.
 *
 * @param more - Names beyond those that web servers set, or `"all"`.
 */
export function metaVariablesOfProcess(
  more: readonly string[] | "all",
  environment: ProcessEnvironment = OWN,
): MetaVariables {
  const { platform, env } = environment;
  const meta = metaVariables();
  // Apache on Windows puts each octet into a character of its own.
  const asOctets = platform === "win32" && env["SERVER_SOFTWARE"]?.startsWith("Apache/") === true;
  let ascii = true;
  for (const name of Object.keys(env)) {
    if (!isOfRequest(name, more)) continue;
    const value = env[name] ?? "";
    const octets = asOctets ? value : nativeString(value);
    ascii &&= octets === value;
    addMetaVariable(meta, name, octets);
  }
  // The runtime decodes as UTF-8, and loses what is none. Most requests are ASCII, and the other way takes ten times as long.
  return ascii || platform !== "linux" ? meta : (rawVariables(more, environment) ?? meta);
}

/** The same octet for octet; `null` if they are not to be had. */
function rawVariables(
  more: readonly string[] | "all",
  environment: ProcessEnvironment,
): MetaVariables | null {
  const meta = metaVariables();
  for (const variable of rawOf(environment).split("\0")) {
    const equals = variable.indexOf("=");
    const name = variable.slice(0, Math.max(0, equals));
    if (isOfRequest(name, more)) addMetaVariable(meta, name, variable.slice(equals + 1));
  }
  return meta["REQUEST_METHOD"] === undefined ? null : meta;
}

function isOfRequest(name: string, more: readonly string[] | "all"): boolean {
  const family = name.slice(0, name.indexOf("_") + 1);
  if (SET_BY_SERVERS.has(name) || (SET_BY_SERVERS.has(family) && !OF_THE_PROCESS.has(name))) return true;
  return more === "all" || more.includes(name);
}

function rawOf(environment: ProcessEnvironment): string {
  try {
    return environment.readRaw();
  } catch {
    // No /proc here, or none of ours.
    return "";
  }
}
