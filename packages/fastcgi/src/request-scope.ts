// The scope of a request, from the PARAMS the web server sent.
// Sources: FastCGI 1.0 §5.2, §6.2 to §6.4; requirements F29 to F33, F40, F67, X33.

import {
  addMetaVariable,
  bodyLengthOf,
  metaVariables,
  scopeFromMetaVariables,
  type MetaSettings,
  type MetaVariables,
} from "@tsgi/cgi";
import { GatewayError, type HttpScopeInit } from "@tsgi/core";
import { AUTHORIZER, FILTER } from "./constants.ts";
import type { FilterInput } from "./filter-data.ts";
import { decodePairs } from "./pairs.ts";

/** The roles by name, as FCGI_ROLE says them. */
export type RoleName = "RESPONDER" | "AUTHORIZER" | "FILTER";

/** What `scope.extensions.fastcgi` says. */
export interface FastCgiExtension {
  readonly role: RoleName;
  /**
   * All parameters as they came, by name: also those that are no part of `extensions.cgi.env`, such as HTTP_PROXY. One that came
   * several times is joined if it is a header, and else the last. FCGI_ROLE is always there. No prototype.
   */
  readonly params: Readonly<Record<string, string>>;
  /** The file to be filtered, in the filter role; else `null`. */
  readonly data: FilterInput | null;
}

/** What PARAMS say of a request. */
export interface RequestParams {
  readonly meta: MetaVariables;
  /** All of them. */
  readonly params: Readonly<Record<string, string>>;
  /** Bytes of the body; 0 without one, -1 if only its end will tell. */
  readonly bodyLength: number;
}

/** What FCGI_ROLE is, whatever the web server calls it: the request was begun so. */
export function roleName(role: number): RoleName {
  return role === FILTER ? "FILTER" : role === AUTHORIZER ? "AUTHORIZER" : "RESPONDER";
}

/**
 * Reads a PARAMS stream.
 *
 * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS`, `TSGI_ERR_META_VARIABLE`: answer 400; `TSGI_ERR_FASTCGI_TOO_MANY_PAIRS`: 431.
 */
export function readParams(octets: string, role: number, maxParams: number): RequestParams {
  const pairs = decodePairs(octets, maxParams);
  const meta = metaVariables();
  let dropped = false;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] as string;
    addMetaVariable(meta, name, pairs[i + 1] as string);
    dropped ||= meta[name] === undefined;
  }
  const params = dropped ? allParams(pairs) : meta;
  params["FCGI_ROLE"] = meta["FCGI_ROLE"] = roleName(role);
  // An authorizer is told of a request, and not given its body.
  const bodyLength = role === AUTHORIZER ? 0 : lengthOf(meta);
  return { meta, params, bodyLength };
}

/**
 * Makes the scope.
 *
 * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE`: answer 400.
 */
export function scopeOf(
  { meta, params }: RequestParams,
  role: number,
  settings: MetaSettings,
  data: FilterInput | null,
): HttpScopeInit {
  const fastcgi: FastCgiExtension = { role: roleName(role), params, data };
  const extensions = { "tsgi.reason": REASON, fastcgi };
  return scopeFromMetaVariables(meta, role === AUTHORIZER ? unmounted(meta, settings) : settings, extensions);
}

const REASON = Object.freeze({});

/** The methods whose requests have no body unless CONTENT_LENGTH says so. */
const BODILESS = new Set(["GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT", "PROPFIND"]);

/**
 * Where CONTENT_LENGTH is absent the body is what STDIN brings; but a web server may be late with the end of STDIN, or leave it out,
 * where there is nothing to bring.
 */
function lengthOf(meta: MetaVariables): number {
  const length = bodyLengthOf(meta);
  const { CONTENT_LENGTH = "", REQUEST_METHOD = "" } = meta;
  return length === 0 && CONTENT_LENGTH === "" && !BODILESS.has(REQUEST_METHOD) ? -1 : length;
}

/** An authorizer gets no SCRIPT_NAME and no PATH_INFO: REQUEST_URI tells the path. */
function unmounted(meta: MetaVariables, settings: MetaSettings): MetaSettings {
  const { SCRIPT_NAME = "", PATH_INFO = "" } = meta;
  if (settings.scriptName !== null || SCRIPT_NAME + PATH_INFO !== "") return settings;
  return { ...settings, scriptName: "" };
}

function allParams(pairs: readonly string[]): Record<string, string> {
  const params = Object.create(null) as Record<string, string>;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] as string;
    const before = name.startsWith("HTTP_") ? params[name] : undefined;
    const separator = name === "HTTP_COOKIE" ? "; " : ", ";
    params[name] = (before === undefined ? "" : before + separator) + (pairs[i + 1] as string);
  }
  return params;
}

/** A number that FCGI_DATA_LENGTH or FCGI_DATA_LAST_MOD gives; -1 if it is none. */
export function dataNumber(params: Readonly<Record<string, string>>, name: string): number {
  const text = params[name] ?? "";
  if (text === "") return -1;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= Number.MAX_SAFE_INTEGER) return value;
  throw new GatewayError("TSGI_ERR_META_VARIABLE", `${name} is no number: ${JSON.stringify(text)}`);
}
