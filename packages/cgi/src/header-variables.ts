// Request headers as a gateway passes them on: `x-foo` is HTTP_X_FOO; what could be mistaken for something else is left out.
// Sources: RFC 3875 §4.1.18, §9.2; CVE-2016-5385 (Proxy); RFC 9110 §7.6.1 (Connection), §17.10 (underscores); requirement CH10.

import type { Headers } from "@tsgi/core";
import type { MetaVariables } from "./meta-variables.ts";

/** The most names whose variable is remembered; a later one is made afresh each time. */
const MAX_KNOWN_NAMES = 1024;

// An underscore in it could not be told from a hyphen, and other marks cannot stand in the name of a shell's variable.
const PLAIN_NAME = /^[A-Za-z0-9-]+$/;

/** Those that end here, those with a variable of their own, and Proxy, which would become the setting HTTP_PROXY. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "keep-alive",
  "proxy",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "proxy-authorization"]);

const known = new Map<string, string>();

/** Adds the headers of a request. Repeated ones are joined: Cookie by `"; "`, others by `", "`. */
export function addHeaderVariables(meta: MetaVariables, headers: Headers, passAuthorization: boolean): void {
  const ending = namedByConnection(headers);
  for (const [name, value] of headers) {
    const key = known.get(name) ?? learn(name);
    if (key === "" || (ending !== null && ending.has(name.toLowerCase()))) continue;
    if (!passAuthorization && CREDENTIALS.has(name.toLowerCase())) continue;
    const before = meta[key];
    if (before === undefined) meta[key] = value;
    else meta[key] = `${before}${key === "HTTP_COOKIE" ? "; " : ", "}${value}`;
  }
}

/** The value of a header that stands once, or of the last of several; `null` without one. */
export function headerValue(headers: Headers, name: string): string | null {
  for (let i = headers.length - 1; i >= 0; i -= 1) {
    const header = headers[i];
    if (header?.[0] === name) return header[1];
  }
  return null;
}

function learn(name: string): string {
  const plain = PLAIN_NAME.test(name) && !LEFT_OUT.has(name.toLowerCase());
  const key = plain ? `HTTP_${name.toUpperCase().replaceAll("-", "_")}` : "";
  if (known.size < MAX_KNOWN_NAMES) known.set(name, key);
  return key;
}

/** The fields that a client's Connection says end here, but for Host: every program must be told that. */
function namedByConnection(headers: Headers): Set<string> | null {
  let names: Set<string> | null = null;
  for (const [name, value] of headers) {
    if (name !== "connection") continue;
    for (const member of value.split(",")) {
      const option = member.trim().toLowerCase();
      if (option !== "" && option !== "host") (names ??= new Set()).add(option);
    }
  }
  return names;
}
