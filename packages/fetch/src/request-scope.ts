// The scope of a Request, as far as its URL and its Headers have kept the request that was sent.
// Sources: ASGI HTTP 2.5 "Connection Scope"; WHATWG Fetch "Request class", "Headers class"; WHATWG URL "URL parsing".

import {
  decodePath,
  keepTarget,
  targetOf,
  type AsgiVersions,
  type Extensions,
  type Header,
  type HttpScope,
  type HttpScopeInit,
} from "@tsgi/core";
import { FETCH_EXTENSION, type FetchExtension } from "./fetch-pair.ts";
import type { FetchSettings } from "./fetch-settings.ts";
import { scopeOfRequest, showsHeaders } from "./make-request.ts";

const ASGI: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);

/** Makes the scope. */
export function scopeFromRequest(fetch: FetchExtension, settings: FetchSettings): HttpScopeInit {
  const { request, env } = fetch;
  const { rootPath, state } = settings;
  const outer = scopeOfRequest(request);
  if (outer !== null && rootPath === "") return scopeAgain(outer, fetch, settings);
  const { url } = request;
  // Without a host Bun has a path for a URL.
  const authority = url.charCodeAt(0) === 0x2f ? 0 : url.indexOf("://") + 3;
  const start = url.indexOf("/", authority);
  const hash = url.indexOf("#", start);
  const end = hash === -1 ? url.length : hash;
  const found = url.indexOf("?", start);
  const mark = found === -1 || found > end ? end : found;
  const rawPath = url.slice(start, mark);
  let path = decodePath(rawPath);
  // What is in front may have cut the prefix off, or not; `path` has it in either case (ASGI "root_path").
  if (rootPath !== "" && !isBelow(path, rootPath)) path = rootPath + path;
  const scope: HttpScopeInit = {
    type: "http",
    asgi: ASGI,
    // Nothing tells: 1.1 promises no more than there is.
    http_version: "1.1",
    method: request.method,
    scheme: url.startsWith("https:") ? "https" : "http",
    path,
    raw_path: rawPath,
    query_string: url.slice(mark + 1, end),
    root_path: rootPath,
    headers: headerPairs(request.headers, url.slice(authority, start)),
    client: settings.client(request, env),
    server: null,
    state: state === null ? null : { ...state },
    extensions: { [FETCH_EXTENSION]: fetch },
    rawHeaders: null,
  };
  keepTarget(scope, url.slice(start, end));
  return scope;
}

/** A request that a server of ours had made a Request of: the scope knows more than that. */
function scopeAgain(outer: HttpScope, fetch: FetchExtension, settings: FetchSettings): HttpScopeInit {
  const { request, env } = fetch;
  const { state } = settings;
  const { raw_path, headers, extensions } = outer;
  const changed = showsHeaders(request);
  const scope: HttpScopeInit = {
    type: "http",
    asgi: ASGI,
    http_version: outer.http_version,
    method: request.method,
    scheme: outer.scheme,
    path: outer.path,
    raw_path,
    query_string: outer.query_string,
    root_path: outer.root_path,
    headers: changed ? headerPairs(request.headers, new URL(request.url).host) : headers,
    client: settings.client(request, env) ?? outer.client,
    server: outer.server,
    state: state === null ? outer.state : { ...state },
    extensions: { [FETCH_EXTENSION]: fetch, ...kept(extensions) },
    rawHeaders: changed ? null : outer.rawHeaders,
  };
  if (raw_path !== null) keepTarget(scope, targetOf(outer, raw_path));
  return scope;
}

/** The extensions that a Response can serve: facts, and the reason phrase. */
function kept({ tls, "tsgi.reason": reason, wsgi }: Extensions): Extensions {
  return { ...(tls && { tls }), ...(reason && { "tsgi.reason": reason }), ...(wsgi && { wsgi }) };
}

function headerPairs(headers: Headers, authority: string): Header[] {
  const pairs: Header[] = [];
  let hasHost = false;
  for (const [name, value] of headers) {
    if (name === "host") hasHost = true;
    pairs.push([name, value]);
  }
  if (!hasHost && authority !== "") pairs.unshift(["host", authority]);
  return pairs;
}

function isBelow(path: string, prefix: string): boolean {
  return (
    path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 0x2f)
  );
}
