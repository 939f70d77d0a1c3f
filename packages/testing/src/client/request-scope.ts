// The scope of a request that never was on a wire: what a host of our own would have made of it.
// Source: ASGI www 2.5 "HTTP Connection Scope"; RFC 9112 §3.2 (targets); requirements A15 to A24.

import {
  decodePath,
  keepTarget,
  nativeString,
  splitTarget,
  type AsgiVersions,
  type ClientAddress,
  type Extensions,
  type Header,
  type HttpScopeInit,
  type ServerAddress,
} from "@tsgi/core";
import { valuesOf, type TestField } from "./fields.ts";

/** What stands around a request: the same for all requests of a client. */
export interface TestSurroundings {
  readonly rootPath: string;
  readonly client: ClientAddress | null;
  readonly server: ServerAddress | null;
  readonly scheme: "http" | "https";
  readonly httpVersion: "1.0" | "1.1" | "2";
  readonly extensions: Extensions;
}

/** A request as it goes on the wire. */
export interface WrittenRequest {
  readonly method: string;
  /** A binary string: origin form, absolute form, or `*`. */
  readonly target: string;
  /** Names in the client's case. Without a host, the server's own name is put in front. */
  readonly headers: readonly TestField[];
}

const VERSIONS: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);

/** Makes the scope of a request. */
export function requestScope(
  { method, target, headers }: WrittenRequest,
  around: TestSurroundings,
  state: unknown,
): HttpScopeInit {
  const { rawPath, query } = splitTarget(target);
  const { rootPath } = around;
  const decoded = decodePath(rawPath);
  const isBelow = rootPath === "" || decoded === rootPath || decoded.startsWith(`${rootPath}/`);
  const sent = valuesOf(headers, "host").length > 0 ? headers : [hostField(target, around), ...headers];
  const scope: HttpScopeInit = {
    type: "http",
    asgi: VERSIONS,
    http_version: around.httpVersion,
    method,
    scheme: around.scheme,
    // As behind a proxy that takes the prefix off: the path has it in any case.
    path: isBelow ? decoded : rootPath + decoded,
    raw_path: rawPath,
    query_string: query,
    root_path: rootPath,
    headers: sent.map(([name, value]): Header => [name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, "")]),
    client: around.client,
    server: around.server,
    state,
    extensions: around.extensions,
    rawHeaders: sent.flat(),
  };
  keepTarget(scope, target);
  return scope;
}

/** A target that a test wrote as text, as a client would send it: what is not ASCII goes as percent-encoded UTF-8. */
export function writtenTarget(target: string): string {
  return nativeString(target).replace(
    /[^\x21-\x7e]/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function hostField(target: string, { server, scheme }: TestSurroundings): TestField {
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]+)/.exec(target)?.[1];
  if (authority !== undefined) return ["host", authority];
  const [host, port] = server ?? ["localhost", null];
  if (port === null) return ["host", "localhost"];
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return ["host", port === (scheme === "https" ? 443 : 80) ? bracketed : `${bracketed}:${port}`];
}
