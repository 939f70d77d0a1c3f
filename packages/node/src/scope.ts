// The scope of a node:http request.
// Source: ASGI HTTP 2.5 "Connection Scope"; RFC 9112 §3.2 (target forms).

import type { IncomingMessage } from "node:http";
import {
  decodePath,
  keepTarget,
  splitTarget,
  type AsgiVersions,
  type Header,
  type HttpScopeInit,
} from "@tsgi/core";
import type { Connection } from "./connection.ts";

const ASGI: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);

/** The most header names whose lower-case form is remembered, and the longest. */
const MAX_KNOWN_NAMES = 1024;
const MAX_KNOWN_LENGTH = 64;
const lowerCase = new Map<string, string>();

/** As Node tests it: what it leaves to us must be answered. */
const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/** What the loop over the headers found out about the body. */
export interface BodyLength {
  /** Bytes; 0 without a body, -1 if only its end will tell. */
  bodyLength: number;
  /** Whether the client waits for `100 Continue`. */
  expectsContinue: boolean;
}

/** Makes the scope; `body` receives what the headers say of the body. */
export function scopeFromRequest(
  req: IncomingMessage,
  connection: Connection,
  rootPath: string,
  state: unknown,
  body: BodyLength,
): HttpScopeInit {
  const url = req.url as string;
  const place = placeOf(req, url);
  const target = place === null ? url : place.target;
  let rawPath = target;
  let query = "";
  if (target.charCodeAt(0) === 0x2f && !target.includes("#")) {
    const mark = target.indexOf("?");
    if (mark !== -1) {
      rawPath = target.slice(0, mark);
      query = target.slice(mark + 1);
    }
  } else {
    ({ rawPath, query } = splitTarget(target));
  }
  let path = isPlain(rawPath) ? rawPath : decodePath(rawPath);
  let root = rootPath;
  if (place !== null) {
    const prefix = decodePath(place.prefix);
    root = isBelow(prefix, rootPath) ? prefix : rootPath + prefix;
  }
  // What is in front may have cut the prefix off, or not; `path` has it in either case (ASGI "root_path").
  // The asterisk of OPTIONS is no path, and below nothing.
  if (rootPath !== "" && path !== "*" && !isBelow(path, rootPath)) path = rootPath + path;
  const scope: HttpScopeInit = {
    type: "http",
    asgi: ASGI,
    http_version: req.httpVersion,
    method: req.method as string,
    scheme: connection.scheme,
    path,
    raw_path: rawPath,
    query_string: query,
    root_path: root,
    headers: headerPairs(req.rawHeaders, body),
    client: connection.client,
    server: connection.server,
    state,
    extensions: connection.extensions,
    rawHeaders: req.rawHeaders,
  };
  keepTarget(scope, target);
  return scope;
}

function headerPairs(raw: readonly string[], body: BodyLength): Header[] {
  const pairs: Header[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = lowerCase.get(raw[i] as string) ?? learn(raw[i] as string);
    const value = raw[i + 1] as string;
    pairs.push([name, value]);
    if (name === "content-length") body.bodyLength = Number(value);
    else if (name === "transfer-encoding") body.bodyLength = -1;
    else if (name === "expect") body.expectsContinue = CONTINUE.test(value);
  }
  return pairs;
}

function learn(name: string): string {
  const lower = name.toLowerCase();
  if (lowerCase.size < MAX_KNOWN_NAMES && name.length <= MAX_KNOWN_LENGTH) lowerCase.set(name, lower);
  return lower;
}

/** Whether a path is its own decoded form: ASCII without `%`. */
function isPlain(path: string): boolean {
  for (let i = 0; i < path.length; i += 1) {
    const code = path.charCodeAt(i);
    if (code === 0x25 || code > 0x7f) return false;
  }
  return true;
}

/** Whether a path is a prefix, or goes on below it with a new segment. */
function isBelow(path: string, prefix: string): boolean {
  return (
    path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 0x2f)
  );
}

/** Where a connect-style framework in front has put a request. */
interface Place {
  /** The whole target. */
  readonly target: string;
  /** What of its path the app is mounted at, as the client sent it. */
  readonly prefix: string;
}

/** The place of a request whose `url` is not the client's: a prefix was cut off, or it was rewritten. Else `null`. */
function placeOf(req: IncomingMessage, url: string): Place | null {
  const { originalUrl, baseUrl } = req as { originalUrl?: unknown; baseUrl?: unknown };
  if (typeof originalUrl !== "string" || originalUrl === url) return null;
  const { rawPath: whole, query: asked } = splitTarget(originalUrl);
  const { rawPath: left, query } = splitTarget(url);
  const base = typeof baseUrl === "string" ? baseUrl : null;
  const prefix = cutOff(whole, left, base);
  // Rewritten: what is in front has the last word.
  const path = prefix === null ? (base ?? "") + left : whole;
  const same = path === whole && query === asked;
  return {
    target: same ? originalUrl : path + (query === "" ? "" : `?${query}`),
    // Express 4 takes the slash that is left of "/mount//path" for its own.
    prefix: withoutTrailingSlash(prefix ?? base ?? ""),
  };
}

function withoutTrailingSlash(prefix: string): string {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0x2f) end -= 1;
  return prefix.slice(0, end);
}

/** What was cut off a path so that this is left of it; `null` if it cannot have been. */
function cutOff(whole: string, left: string, base: string | null): string | null {
  if (whole.endsWith(left)) return whole.slice(0, whole.length - left.length);
  // At the mount point itself frameworks leave "/" of nothing.
  if (left === "/" && (base === null || base === whole)) return whole;
  // For connect a segment ends at a dot, too: "/a.b" is below "/a". For an app it is below nothing.
  return base === null && left.startsWith("/.") && whole.endsWith(left.slice(1)) ? "" : null;
}
