// The scope of an HTTP/2 request, and whether there may be one.
// Sources: ASGI HTTP 2.5 "headers" (pseudo headers); RFC 9113 §8.3 (pseudo headers), §8.2.3 (cookies come in pieces).

import type { ServerHttp2Session } from "node:http2";
import {
  decodePath,
  keepTarget,
  splitTarget,
  type AsgiVersions,
  type Header,
  type HttpScopeInit,
} from "@tsgi/core";
import { connectionOf, type Connection } from "./connection.ts";
import { refusalOfHost, refusalOfTarget, type RequestRules } from "./request-checks.ts";

const ASGI: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);

/** An HTTP/2 request, its pseudo headers taken apart from the others. */
export interface Http2Request {
  readonly method: string;
  readonly target: string;
  /** The headers, flat, names in lower case; `:authority` stands first, as `host`. */
  readonly headers: readonly string[];
  /** How many `host` there are. */
  readonly hosts: number;
  /** Bytes of the body by Content-Length; -1 if only its end will tell. */
  readonly bodyLength: number;
  readonly expectsContinue: boolean;
  /** Bytes of all names and values. */
  readonly size: number;
}

/** Takes the header list of a stream apart. */
export function readHeaderList(raw: readonly string[]): Http2Request {
  let method = "";
  let target = "";
  let authority: string | null = null;
  let bodyLength = -1;
  let expectsContinue = false;
  let hosts = 0;
  let size = 0;
  const fields: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    size += name.length + value.length;
    if (name.charCodeAt(0) === 0x3a) {
      if (name === ":method") method = value;
      else if (name === ":path") target = value;
      else if (name === ":authority") authority = value;
      continue;
    }
    if (name === "host") hosts += 1;
    else if (name === "content-length") bodyLength = Number(value);
    else if (name === "expect") expectsContinue = value.toLowerCase() === "100-continue";
    fields.push(name, value);
  }
  const facts = { method, target, bodyLength, expectsContinue, size };
  if (authority === null) return { ...facts, headers: fields, hosts };
  // ASGI: it stands first, and replaces a `host` that came beside it.
  const headers = ["host", authority];
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== "host") headers.push(fields[i] as string, fields[i + 1] as string);
  }
  return { ...facts, headers, hosts: 1 };
}

/** The status an HTTP/2 request is refused with, or 0 if the app may have it. */
export function refusalOfHttp2(request: Http2Request, rules: RequestRules): number {
  const { method, target, headers, hosts, bodyLength, size } = request;
  const refusal = refusalOfTarget(method, target, rules.maxUrlLength);
  if (refusal !== 0) return refusal;
  if (target !== "*" && target.charCodeAt(0) !== 0x2f) return 400;
  // nghttp2 counts too, but only once the client has acknowledged our settings, and a hostile one need not.
  if (headers.length > 2 * rules.maxHeadersCount || size > rules.maxHeaderSize) return 431;
  if (bodyLength > rules.maxBodySize) return 413;
  if (hosts !== 1) return 400;
  return refusalOfHost(headers[headers.indexOf("host") + 1] as string, rules.serverNames);
}

/** Makes the scope. */
export function scopeFromHttp2(
  request: Http2Request,
  connection: Connection,
  rootPath: string,
  state: unknown,
): HttpScopeInit {
  const { rawPath, query } = splitTarget(request.target);
  const path = decodePath(rawPath);
  // The asterisk of OPTIONS is no path, and below nothing.
  const mounted = rootPath === "" || path === "*" || path === rootPath || path.startsWith(`${rootPath}/`);
  const { headers } = request;
  const pairs: Header[] = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] as string, headers[i + 1] as string]);
  const scope: HttpScopeInit = {
    type: "http",
    asgi: ASGI,
    http_version: "2",
    method: request.method,
    scheme: connection.scheme,
    path: mounted ? path : rootPath + path,
    raw_path: rawPath,
    query_string: query,
    root_path: rootPath,
    headers: pairs,
    client: connection.client,
    server: connection.server,
    state,
    extensions: connection.extensions,
    rawHeaders: headers,
  };
  keepTarget(scope, request.target);
  return scope;
}

const CONNECTIONS = new WeakMap<ServerHttp2Session, Connection>();

/** The facts of a session's connection. HTTP/2 has no place for a reason phrase. */
export function connectionOfSession(session: ServerHttp2Session): Connection {
  const known = CONNECTIONS.get(session);
  if (known !== undefined) return known;
  const facts = connectionOf(session.socket);
  const { "tsgi.reason": _, ...extensions } = facts.extensions;
  const found = Object.freeze({ ...facts, extensions: Object.freeze(extensions) });
  CONNECTIONS.set(session, found);
  return found;
}
