// The scope of a Request, as far as its URL and its Headers have kept the request that was sent.
// Sources: ASGI HTTP 2.5 "Connection Scope"; WHATWG Fetch "Request class", "Headers class"; WHATWG URL "URL parsing".

import { decodePath, type AsgiVersions, type Header, type HttpScopeInit } from "@tsgi/core";
import type { ExecutionContextLike } from "./execution-context.ts";
import type { FetchSettings } from "./fetch-settings.ts";

const ASGI: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);

/** Makes the scope. */
export function scopeFromRequest(
  request: Request,
  env: unknown,
  executionContext: ExecutionContextLike | undefined,
  settings: FetchSettings,
): HttpScopeInit {
  const { url } = request;
  const { rootPath, state } = settings;
  const authority = url.indexOf("://") + 3;
  const start = url.indexOf("/", authority);
  const hash = url.indexOf("#", start);
  const end = hash === -1 ? url.length : hash;
  const found = url.indexOf("?", start);
  const mark = found === -1 || found > end ? end : found;
  const rawPath = url.slice(start, mark);
  let path = decodePath(rawPath);
  // What is in front may have cut the prefix off, or not; `path` has it in either case (ASGI "root_path").
  if (rootPath !== "" && !isBelow(path, rootPath)) path = rootPath + path;
  return {
    type: "http",
    asgi: ASGI,
    // Nothing tells: 1.1 is what a sync app can always be told.
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
    extensions: { "tsgi.fetch": { request, env, executionContext } },
    rawHeaders: null,
  };
}

function headerPairs(headers: Headers, authority: string): Header[] {
  const pairs: Header[] = [];
  let hasHost = false;
  for (const [name, value] of headers) {
    if (name === "host") hasHost = true;
    pairs.push([name, value]);
  }
  if (!hasHost) pairs.unshift(["host", authority]);
  return pairs;
}

function isBelow(path: string, prefix: string): boolean {
  return (
    path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 0x2f)
  );
}
