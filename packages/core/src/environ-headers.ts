// Request headers as meta-variables: `x-foo` is HTTP_X_FOO; what could be mistaken for something else is left out.
// Sources: RFC 3875 §4.1.18; PEP 3333 "environ Variables"; CVE-2016-5385 (Proxy); RFC 9110 §17.10 (underscores).

import { GatewayError } from "./errors.ts";
import { MAX_KNOWN_NAMES } from "./headers.ts";
import type { Environ } from "./pep3333.ts";
import type { Header, Headers } from "./scope.ts";

/** What becomes of a request header with an underscore in its name: see the option of that name. */
export type HeaderMap = "drop" | "refuse" | "dangerous";

/** What {@link addHeaders} needs to know. */
export interface HeaderRules {
  readonly headerMap: HeaderMap;
  /** Names with underscores that are let through whatever `headerMap` says; in lower case. */
  readonly headerMapExcept: ReadonlySet<string>;
  readonly maxDuplicateHeaders: number;
}

/** A key of environ, with a mark that tells whether this request has it already: cheaper than to look it up in environ. */
interface HeaderKey {
  /** `""` for a name that is left out. */
  readonly key: string;
  request: number;
  times: number;
}

// All of RFC 9110's token characters but the underscore.
const PLAIN_NAME = /^[!#$%&'*+\-.^`|~0-9A-Za-z]+$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const LEFT_OUT: HeaderKey = { key: "", request: -1, times: 0 };

/** Keys no header may have: the first two have their own name, the others must not be believed. */
const FORBIDDEN = new Set([
  "HTTP_CONTENT_TYPE",
  "HTTP_CONTENT_LENGTH",
  "HTTP_PROXY",
  "HTTP_TRANSFER_ENCODING",
]);

const byName = new Map<string, HeaderKey>();
const byKey = new Map<string, HeaderKey>();
/** What the full tables have no place for, of the request at hand only. */
const overflow = new Map<string, HeaderKey>();
let request = 0;

/**
 * Adds the headers of a request to an environ that has none yet. Repeated ones are joined: Cookie by `"; "`, others by `", "`.
 *
 * @throws {@link GatewayError} `TSGI_ERR_TOO_MANY_HEADERS`, or `TSGI_ERR_HEADER` for a refused name: answer 400.
 */
export function addHeaders(environ: Environ, headers: Headers, rules: HeaderRules): void {
  request = (request + 1) | 0;
  if (overflow.size > 0) overflow.clear();
  for (let i = 0; i < headers.length; i += 1) {
    const header = headers[i] as Header;
    const found = byName.get(header[0]) ?? learn(header[0], rules);
    const { key } = found;
    if (key === "") continue;
    if (found.request !== request) {
      found.request = request;
      found.times = 1;
      environ[key] = header[1];
    } else {
      repeat(environ, found, header[1], rules.maxDuplicateHeaders);
    }
  }
}

function repeat(environ: Environ, found: HeaderKey, value: string, most: number): void {
  found.times += 1;
  if (found.times > most) {
    throw new GatewayError(
      "TSGI_ERR_TOO_MANY_HEADERS",
      `The request has the header ${found.key} more than ${most} times`,
    );
  }
  const { key } = found;
  environ[key] = `${environ[key] as string}${key === "HTTP_COOKIE" ? "; " : ", "}${value}`;
}

function learn(name: string, rules: HeaderRules): HeaderKey {
  if (PLAIN_NAME.test(name)) {
    const found = headerKey(name);
    // Only what has its place in the other table too: an object of the overflow is this request's.
    if (byName.size < MAX_KNOWN_NAMES && byKey.get(found.key) === found) byName.set(name, found);
    return found;
  }
  if (!TOKEN.test(name)) return LEFT_OUT;
  if (rules.headerMap === "dangerous" || rules.headerMapExcept.has(name.toLowerCase()))
    return headerKey(name);
  if (rules.headerMap === "drop") return LEFT_OUT;
  throw new GatewayError("TSGI_ERR_HEADER", `The request header ${name} has an underscore in its name`);
}

/** One object for one key, so that names which differ only in case, or in `-` and `_`, are found to be the same. */
function headerKey(name: string): HeaderKey {
  const key = keyOfName(name);
  if (key === "") return LEFT_OUT;
  const found = byKey.get(key) ?? overflow.get(key);
  if (found !== undefined) return found;
  const fresh: HeaderKey = { key, request: -1, times: 0 };
  if (byKey.size < MAX_KNOWN_NAMES) byKey.set(key, fresh);
  else overflow.set(key, fresh);
  return fresh;
}

function keyOfName(name: string): string {
  const upper = name.toUpperCase();
  if (upper === "CONTENT-TYPE") return "CONTENT_TYPE";
  if (upper === "CONTENT-LENGTH") return "CONTENT_LENGTH";
  const key = `HTTP_${upper.replaceAll("-", "_")}`;
  return FORBIDDEN.has(key) ? "" : key;
}
