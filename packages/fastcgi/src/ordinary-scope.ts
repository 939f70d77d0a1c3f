// The scope of a request that has nothing special, made of its parameters at once: most requests are such.
// The rules are those of `scopeFromMetaVariables`; whatever would need one of its corrections is left to it.

import type { MetaSettings } from "@tsgi/cgi";
import { isToken, type AsgiVersions, type Extensions, type Header, type HttpScopeInit } from "@tsgi/core";
import type { ParamsTable, Slot } from "./params-table.ts";

const ASGI: AsgiVersions = Object.freeze({ version: "3.0", spec_version: "2.5" } as const);

const VERSIONS: ReadonlyMap<string, string> = new Map([
  ["HTTP/1.1", "1.1"],
  ["HTTP/1.0", "1.0"],
  ["HTTP/2.0", "2"],
  ["HTTP/3.0", "3"],
]);

/** A target that needs no decoding: ASCII, no percent sign, no fragment, no empty query. */
const PLAIN_TARGET = /^\/[!"$&->@-~]*(?:\?[!"$-~]+)?$/;
const PORT = /^\d{1,5}$/;
const DIGITS = /^\d+$/;

/** An address of the server that was read before: nearly all requests have the same. */
export interface KnownServer {
  readonly name: string;
  readonly port: string;
  readonly scheme: string;
  readonly server: HttpScopeInit["server"];
}

/** The value of a parameter; `""` if it is not there. */
export function slotOf({ names, values }: ParamsTable, slot: Slot): string {
  const index = names.slots[slot];
  return index === -1 ? "" : (values[index] as string);
}

/** Makes the scope, or `null` for a request that is not ordinary. */
export function ordinaryScope(
  table: ParamsTable,
  settings: MetaSettings,
  known: KnownServer | null,
  state: object | null,
  extensions: Extensions,
): HttpScopeInit | null {
  const { names, values } = table;
  const { slots } = names;
  if (known === null || names.repeated || settings.iis !== false || slots.Authorization !== -1) return null;
  if (slots.HTTP_TRANSFER_ENCODING !== -1 || slots.REDIRECT_HTTP_AUTHORIZATION !== -1) return null;
  const method = slotOf(table, "REQUEST_METHOD");
  const target = slotOf(table, "REQUEST_URI");
  const version = VERSIONS.get(slotOf(table, "SERVER_PROTOCOL"));
  if (version === undefined || !isToken(method) || !PLAIN_TARGET.test(target)) return null;
  const https = slotOf(table, "HTTPS");
  if (https !== "" && https !== "on") return null;
  const scheme = https === "on" || slotOf(table, "REQUEST_SCHEME") === "https" ? "https" : "http";
  if (slotOf(table, "SERVER_NAME") !== known.name || slotOf(table, "SERVER_PORT") !== known.port) return null;
  const address = slotOf(table, "REMOTE_ADDR");
  const port = slotOf(table, "REMOTE_PORT");
  if (scheme !== known.scheme || address === "" || !PORT.test(port) || Number(port) > 65_535) return null;
  if (address.startsWith("unix:") || address.startsWith("::f") || address.startsWith("::F")) return null;
  const mark = target.indexOf("?");
  const rawPath = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? "" : target.slice(mark + 1);
  if (slotOf(table, "QUERY_STRING") !== query) return null;
  const rootPath = rootOf(table, settings, rawPath);
  if (rootPath === null) return null;
  const headers: Header[] = [];
  for (let i = 0; i < values.length; i += 1) {
    const name = names.headers[i] as string;
    if (name === "") continue;
    const value = values[i] as string;
    if (name === "content-length" && !DIGITS.test(value)) {
      if (value !== "") return null;
    } else if (value !== "" || name !== "content-type") headers.push([name, value]);
  }
  return {
    type: "http",
    asgi: ASGI,
    http_version: version,
    method,
    scheme,
    path: rawPath,
    raw_path: rawPath,
    query_string: query,
    root_path: rootPath,
    headers,
    client: [address, Number(port)],
    server: known.server,
    state,
    extensions,
    rawHeaders: null,
  };
}

/** The mount prefix of a path that is as the web server says, or as the options do; else `null`. */
function rootOf(table: ParamsTable, settings: MetaSettings, path: string): string | null {
  const { scriptName } = settings;
  if (scriptName !== null) {
    const end = scriptName.length;
    const below = path.startsWith(scriptName) && (end === 0 || path.length === end || path[end] === "/");
    return below ? scriptName : null;
  }
  const script = slotOf(table, "SCRIPT_NAME");
  const info = slotOf(table, "PATH_INFO");
  const same = script.length + info.length === path.length && path.startsWith(script) && path.endsWith(info);
  if (!same || script.endsWith("/") || (info !== "" && info.charCodeAt(0) !== 0x2f)) return null;
  return script;
}
