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

/** The most header names whose lower-case form is remembered. */
const MAX_KNOWN_NAMES = 1024;
const lowerCase = new Map<string, string>();

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
  const mounted = mountedUrl(req);
  const target = mounted ?? url;
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
  if (mounted !== null) {
    const prefix = decodePath(mountPrefix(mounted, url));
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
    else if (name === "expect") body.expectsContinue = value.toLowerCase() === "100-continue";
  }
  return pairs;
}

function learn(name: string): string {
  const lower = name.toLowerCase();
  if (lowerCase.size < MAX_KNOWN_NAMES) lowerCase.set(name, lower);
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

/** The whole target, where a connect-style framework has cut its mount prefix off `req.url`; else `null`. */
function mountedUrl(req: IncomingMessage): string | null {
  const original = (req as { originalUrl?: unknown }).originalUrl;
  return typeof original === "string" && original !== req.url ? original : null;
}

/** What the framework cut off: the whole path without the path that is left. */
function mountPrefix(original: string, rest: string): string {
  const whole = splitTarget(original).rawPath;
  const left = splitTarget(rest).rawPath;
  if (whole.endsWith(left)) return whole.slice(0, whole.length - left.length);
  // At the mount point itself frameworks leave "/" of nothing.
  return left === "/" ? whole.replace(/\/$/, "") : "";
}
