// The meta-variables in the environment of this process, octet for octet.
// Sources: RFC 3875 §4.1; PEP 3333 (run_with_cgi); wsgiref.handlers read_environ; requirements C2, C30, C31.

import { readFileSync } from "node:fs";
import { nativeString } from "@tsgi/core";
import { addMetaVariable, metaVariables, type MetaVariables } from "./meta-variables.ts";

/**
 * What web servers set: RFC 3875, and what nginx, Apache (mod_ssl, mod_rewrite), lighttpd and IIS add. Nothing else in the environment of a
 * process (PATH, HOME, secrets) belongs to a request.
 */
const SET_BY_SERVERS =
  /^(?:(?:AUTH|CERT|CONTENT|CONTEXT|DOCUMENT|HTTP|HTTPS|LOCAL|REDIRECT|REMOTE|REQUEST|SCRIPT|SERVER|SSL)_.+|PATH_(?:INFO|TRANSLATED)|QUERY_STRING|GATEWAY_INTERFACE|HTTPS|HTTP2|UNIQUE_ID|FCGI_ROLE|Authorization)$/;

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
  const meta = metaVariables();
  for (const [name, value] of variablesOf(environment)) {
    if (more === "all" || SET_BY_SERVERS.test(name) || more.includes(name))
      addMetaVariable(meta, name, value);
  }
  return meta;
}

function variablesOf(environment: ProcessEnvironment): [name: string, value: string][] {
  // Node decodes as UTF-8 and loses what is not; it also knows no variable that is there twice.
  const raw = environment.platform === "linux" ? rawOf(environment) : "";
  if (raw === "") return decodedVariables(environment);
  const variables: [string, string][] = [];
  for (const variable of raw.split("\0")) {
    const equals = variable.indexOf("=");
    if (equals > 0) variables.push([variable.slice(0, equals), variable.slice(equals + 1)]);
  }
  return variables;
}

function rawOf(environment: ProcessEnvironment): string {
  try {
    return environment.readRaw();
  } catch {
    // No /proc here, or none of ours.
    return "";
  }
}

function decodedVariables({ platform, env }: ProcessEnvironment): [string, string][] {
  // Apache on Windows puts each octet into a character of its own.
  const asOctets = platform === "win32" && env["SERVER_SOFTWARE"]?.startsWith("Apache/") === true;
  return Object.keys(env).map((name) => {
    const value = env[name] ?? "";
    return [name, asOctets ? value : nativeString(value)];
  });
}
