// The request target: path and query apart, and percent-decoding, once.
// Sources: RFC 9112 §3.2 (forms of the target); RFC 3986 §2.1; ASGI HTTP 2.5 "path", "raw_path", "query_string".

import { nativeString, textOfNative } from "./bytes.ts";

/** The target's path and query, both as the client sent them. */
export interface Target {
  /** The path without the query, as a binary string; `"/"` if an absolute-form target has none; `"*"` for OPTIONS. */
  readonly rawPath: string;
  /** What follows the first `?`, or `""`. */
  readonly query: string;
}

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/;

/** Takes a target apart: origin-form, absolute-form (whose authority is skipped) or `*`. A fragment is cut off. */
export function splitTarget(target: string): Target {
  let rest = target;
  if (rest.charCodeAt(0) !== 0x2f) {
    const authority = ABSOLUTE.exec(rest);
    if (authority !== null) rest = rest.slice(authority[0].length);
    if (rest.charCodeAt(0) !== 0x2f && authority !== null) rest = `/${rest}`;
  }
  const fragment = rest.indexOf("#");
  if (fragment !== -1) rest = rest.slice(0, fragment);
  const mark = rest.indexOf("?");
  if (mark === -1) return { rawPath: rest, query: "" };
  return { rawPath: rest.slice(0, mark), query: rest.slice(mark + 1) };
}

/** Percent-decodes a binary string once, into a binary string; a `%` that no two hex digits follow stays as it is. */
export function percentDecode(binary: string): string {
  if (!binary.includes("%")) return binary;
  return binary.replace(/%[0-9A-Fa-f]{2}/g, (octet) =>
    String.fromCharCode(Number.parseInt(octet.slice(1), 16)),
  );
}

/** The `path` of a scope from a raw path: percent-decoded once, then UTF-8, leniently. */
export function decodePath(rawPath: string): string {
  return textOfNative(percentDecode(rawPath));
}

/** Percent-encodes a decoded path for a URL: what RFC 3986 allows in a path stays, `/` too; the rest goes as UTF-8 octets. */
export function encodePath(path: string): string {
  // Through UTF-8 and back, because encodeURI throws on a lone surrogate.
  return encodeURI(textOfNative(nativeString(path))).replace(/[?#]/g, (found) =>
    found === "?" ? "%3F" : "%23",
  );
}
