// SCRIPT_NAME and PATH_INFO of a scope: the octets of the path, split at the mount prefix.
// Sources: PEP 3333 "environ Variables"; RFC 3875 §4.1.5, §4.1.13; ASGI HTTP 2.5 "WSGI Compatibility".

import { nativeString, textOfNative } from "./bytes.ts";
import { isBelow, withoutTrailingSlash } from "./mount.ts";
import type { HttpScopeInit } from "./scope.ts";
import { percentDecode } from "./target.ts";

/** The two halves of a path, percent-decoded, one code unit per octet. */
export interface PathParts {
  /** `""`, or `/` and more, without a `/` at its end. */
  scriptName: string;
  /** The rest: `""` only where the prefix is not empty; `"*"` for `OPTIONS *`. */
  pathInfo: string;
}

/**
 * Splits a scope's path. The octets come from `raw_path`, because `path` has lost those that are not UTF-8; where the two do
 * not belong together, because a middleware has set another `path`, `path` counts.
 */
export function pathParts(scope: HttpScopeInit): PathParts {
  const scriptName = prefix(scope.root_path);
  const octets = octetsOf(scope, scriptName);
  const end = endOfPrefix(octets, scriptName);
  // Not below the prefix: a proxy in front has taken it off.
  if (end === -1) return { scriptName, pathInfo: rooted(octets, scriptName, scope.method) };
  const pathInfo = rooted(octets.slice(end), scriptName, scope.method);
  return { scriptName: octets.slice(0, end), pathInfo };
}

/** Where the prefix ends in a path that is below it, or -1. A prefix has lost its octets that are not UTF-8: they agree as text. */
function endOfPrefix(octets: string, scriptName: string): number {
  if (isBelow(octets, scriptName)) return scriptName.length;
  const segments = scriptName.split("/").length;
  const start = octets.split("/", segments).join("/");
  return textOfNative(start) === textOfNative(scriptName) ? start.length : -1;
}

function prefix(rootPath: string): string {
  if (rootPath === "") return "";
  const octets = withoutTrailingSlash(nativeString(rootPath));
  return octets === "" || octets.startsWith("/") ? octets : `/${octets}`;
}

function octetsOf(scope: HttpScopeInit, scriptName: string): string {
  const { path, raw_path: raw } = scope;
  if (raw !== null && raw !== path) {
    const octets = percentDecode(raw);
    const text = textOfNative(octets);
    if (text === path) return octets;
    // A proxy took the prefix off, and the host put it in front of `path` again.
    if (scriptName !== "" && textOfNative(scriptName) + text === path) return scriptName + octets;
  }
  return (isLossy(path) ? sentOctets(scope) : null) ?? nativeString(path);
}

/** Whether a text has what stands for octets that are not UTF-8. */
function isLossy(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    // As a number: the character itself would make the whole of a bundled program two bytes wide.
    if (text.charCodeAt(i) === 0xfffd) return true;
  }
  return false;
}

/** The octets in the environ that came with the request, if they are still those of the path. */
function sentOctets({ extensions, path }: HttpScopeInit): string | null {
  const { SCRIPT_NAME = "", PATH_INFO = "" } = (extensions.wsgi?.environ ?? {}) as Record<string, unknown>;
  const octets = String(SCRIPT_NAME) + String(PATH_INFO);
  return textOfNative(octets) === path ? octets : null;
}

function rooted(pathInfo: string, scriptName: string, method: string): string {
  if (pathInfo.charCodeAt(0) === 0x2f || (pathInfo === "*" && method === "OPTIONS")) return pathInfo;
  if (pathInfo === "" && scriptName !== "") return "";
  return `/${pathInfo}`;
}
