// Believes what trusted proxies say of a request: the client's address, the scheme, and on demand host and prefix.
// Sources: RFC 7239 §4, §8.1 (security); the rightmost-untrusted algorithm of nginx's realip and Express's proxy-addr.

import { SERVE, type AsgiApp } from "./app.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { formatIp, isInCidr, parseCidr, parseIp, type Cidr, type Ip } from "./cidr.ts";
import { deriveScope } from "./derive-scope.ts";
import { GatewayError } from "./errors.ts";
import {
  elementsFromRight,
  membersFromRight,
  parseHop,
  trimBlanks,
  type ForwardedElement,
  type FromRight,
} from "./forwarded.ts";
import { isBelow, withoutTrailingSlash } from "./mount.ts";
import type { ClientAddress, Header, HttpScopeInit, WebSocketScope } from "./scope.ts";
import { decodePath } from "./target.ts";
import { serve } from "./transport.ts";

/** Whom to believe, and what. */
export interface TrustedProxyOptions {
  /**
   * The proxies: addresses (`"10.0.0.1"`), ranges (`"10.0.0.0/8"`, `"fd00::/8"`), `"unix"` for peers on a unix socket, or
   * `"*"` for everybody, which is safe only where nobody but the proxy can connect.
   */
  readonly trusted: readonly string[];
  /**
   * The headers the proxies set: `X-Forwarded-For`, `-Proto` …, or `Forwarded` (RFC 7239). Never both: a proxy that sets
   * the one passes on whatever a client wrote into the other. Default: `"x-forwarded"`.
   */
  readonly headers?: "x-forwarded" | "forwarded";
  /**
   * Whether the host that the proxy was asked for (`X-Forwarded-Host`, or `host=`) takes the place of the `host` header.
   * `scope.server` stays: it is the address we listen on. Default: `false`, as most proxies pass Host on.
   */
  readonly host?: boolean;
  /**
   * Whether `X-Forwarded-Prefix` names a prefix which the proxy has cut off the path: it then is put in front of
   * `root_path` and `path`; `raw_path` stays as received. Default: `false`.
   */
  readonly prefix?: boolean;
  /**
   * The most entries of `X-Forwarded-For`, or elements of `Forwarded`, that are looked at, from the right. Behind a longer
   * chain of trusted proxies the client stays as it is. Default: 16.
   */
  readonly maxEntries?: number;
}

const OPTIONS: OptionNames<TrustedProxyOptions> = {
  trusted: true,
  headers: true,
  host: true,
  prefix: true,
  maxEntries: true,
};

/** A request's scope before the exchange has it, or a WebSocket's. */
type ConnectionScope = HttpScopeInit | WebSocketScope;

interface Settings {
  readonly all: boolean;
  readonly unix: boolean;
  readonly ranges: readonly Cidr[];
  readonly forwarded: boolean;
  readonly host: boolean;
  readonly prefix: boolean;
  readonly maxEntries: number;
}

/** What the proxies said; `null` where they said nothing that could be understood. */
interface Said {
  client: ClientAddress | null;
  proto: string | null;
  host: string | null;
  prefix: string | null;
}

/** Whether a scheme is a secure one. */
const SECURE: ReadonlyMap<string, boolean> = new Map([
  ["http", false],
  ["https", true],
  ["ws", false],
  ["wss", true],
]);
const HOST = /^(?:\[([0-9A-Fa-f:.]+)\]|[A-Za-z0-9._~-]{1,253})(?::\d{1,5})?$/;
// oxlint-disable-next-line no-control-regex
const PREFIX = /^\/(?![/\\])[^\x00-\x1f\x7f?#\\]*$/;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;

/**
 * A middleware that puts into the scope what trusted proxies say: `client` (port 0 where none is told) and `scheme`. The
 * headers stay as they are. If the peer is not a trusted proxy, nothing changes.
 *
 * The client is the rightmost address that is not a trusted proxy's, or the leftmost if all are. An entry that names nobody
 * (malformed, empty, `unknown`, `_hidden`) is never believed, nor is anything to the left of it: the client then stays the
 * peer; only under `"*"` such entries are skipped. Of `X-Forwarded-Proto`, `-Host` and `-Prefix` the last member counts; of
 * `Forwarded`, the leftmost believed element that has the parameter.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for an option that cannot be read.
 * @see RFC 7239
 */
export function trustedProxy(options: TrustedProxyOptions): <State>(app: AsgiApp<State>) => AsgiApp<State> {
  const settings = settingsOf(options);
  return <State>(app: AsgiApp<State>) => {
    const believing: AsgiApp<State> = (scope, receive, send) => {
      const { type } = scope;
      const known = type === "http" || type === "websocket";
      return app(known ? scopeBelieving(scope, settings) : scope, receive, send);
    };
    believing[SERVE] = (scope, transport) =>
      serve(app as AsgiApp, scopeBelieving(scope, settings), transport);
    return believing;
  };
}

function scopeBelieving<S extends ConnectionScope>(scope: S, settings: Settings): S {
  if (!trustsPeer(scope, settings)) return scope;
  const said = settings.forwarded ? saidByForwarded(scope, settings) : saidByXForwarded(scope, settings);
  const changes: { -readonly [K in keyof HttpScopeInit]?: unknown } = {};
  if (said.client !== null) changes.client = said.client;
  const secure = SECURE.get(said.proto?.toLowerCase() ?? "");
  if (secure !== undefined) changes.scheme = (scope.type === "http" ? "http" : "ws") + (secure ? "s" : "");
  if (settings.host && said.host !== null && isHost(said.host)) {
    changes.headers = withHost(scope.headers, said.host);
    if (scope.rawHeaders !== null) changes.rawHeaders = withRawHost(scope.rawHeaders, said.host);
  }
  const prefix = settings.prefix ? prefixOf(said.prefix) : "";
  if (prefix !== "") {
    const root = prefix + scope.root_path;
    changes.root_path = root;
    // A proxy that names its prefix, and yet passes the whole path on, is understood too.
    if (!isBelow(scope.path, root)) changes.path = prefix + scope.path;
  }
  return deriveScope(scope, changes as Partial<S>);
}

function trustsPeer({ client, server }: ConnectionScope, settings: Settings): boolean {
  if (settings.all) return true;
  // No address on a server that listens on a path: a unix socket. No address elsewhere: nobody we know.
  if (client === null) return settings.unix && server !== null && server[1] === null;
  const ip = parseIp(client[0]);
  return ip !== null && trusts(ip, settings);
}

function saidByXForwarded(scope: ConnectionScope, settings: Settings): Said {
  const said: Said = { client: null, proto: null, host: null, prefix: null };
  const addresses: string[] = [];
  for (const [name, value] of scope.headers) {
    if (name === "x-forwarded-for") addresses.push(value);
    else if (name === "x-forwarded-proto") said.proto = lastMember(value);
    else if (name === "x-forwarded-host") said.host = lastMember(value);
    else if (name === "x-forwarded-prefix") said.prefix = lastMember(value);
  }
  const members = membersFromRight(addresses);
  said.client = walk(members, (member) => member, settings);
  return said;
}

function saidByForwarded(scope: ConnectionScope, settings: Settings): Said {
  const said: Said = { client: null, proto: null, host: null, prefix: null };
  const lines: string[] = [];
  for (const [name, value] of scope.headers) {
    if (name === "forwarded") lines.push(value);
  }
  const entryOf = (element: ForwardedElement): string => {
    said.proto = element.proto ?? said.proto;
    said.host = element.host ?? said.host;
    return element.for ?? "";
  };
  said.client = walk(elementsFromRight(lines), entryOf, settings);
  return said;
}

/** Follows the entries from hop to hop, as long as each is a trusted proxy, to the first that is not. */
function walk<T>(
  items: FromRight<T>,
  entryOf: (item: T) => string,
  settings: Settings,
): ClientAddress | null {
  const { all, unix, maxEntries } = settings;
  let furthest: ClientAddress | null = null;
  for (let entries = 0; entries < maxEntries; entries += 1) {
    const item = items.next();
    if (item === null) return furthest;
    const hop = parseHop(entryOf(item));
    if (hop === null || hop === "unix") {
      if (all || (hop === "unix" && unix)) continue;
      return null;
    }
    furthest = [formatIp(hop.ip), hop.port];
    if (!trusts(hop.ip, settings)) return furthest;
  }
  return items.ended ? furthest : null;
}

function trusts(ip: Ip, { all, ranges }: Settings): boolean {
  return all || ranges.some((range) => isInCidr(ip, range));
}

function lastMember(value: string): string {
  return trimBlanks(value.slice(value.lastIndexOf(",") + 1));
}

function isHost(host: string): boolean {
  const match = HOST.exec(host);
  if (match === null) return false;
  return match[1] === undefined || (match[1].includes(":") && parseIp(match[1]) !== null);
}

function withHost(headers: readonly Header[], host: string): Header[] {
  const others = headers.filter(([name]) => name !== "host");
  const at = headers.findIndex(([name]) => name === "host");
  return others.toSpliced(Math.max(at, 0), 0, ["host", host]);
}

/** The same in the flat list, where the name keeps its case. */
function withRawHost(raw: readonly string[], host: string): string[] {
  const changed: string[] = [];
  let placed = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.toLowerCase() !== "host") {
      changed.push(name, raw[i + 1] as string);
    } else if (!placed) {
      placed = true;
      changed.push(name, host);
    }
  }
  return placed ? changed : ["Host", host, ...changed];
}

/** A prefix without its trailing slash; `""` for one that is missing, or could lead elsewhere: `//evil`, `/a/../..`. */
function prefixOf(value: string | null): string {
  if (value === null || !PREFIX.test(value)) return "";
  const path = decodePath(value);
  return PREFIX.test(path) && !DOT_SEGMENT.test(path) ? withoutTrailingSlash(path) : "";
}

function settingsOf(options: TrustedProxyOptions): Settings {
  checkOptions(options, OPTIONS);
  const { trusted, headers = "x-forwarded", host = false, prefix = false, maxEntries = 16 } = options;
  if (!Array.isArray(trusted)) {
    throw wrong('trusted is an array of addresses, ranges, "unix" or "*"', trusted);
  }
  if (headers !== "x-forwarded" && headers !== "forwarded") {
    throw wrong('headers is "x-forwarded" or "forwarded"', headers);
  }
  if (prefix && headers === "forwarded") {
    throw wrong("prefix goes with X-Forwarded headers only: Forwarded has no such parameter", prefix);
  }
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw wrong("maxEntries is a number from 1", maxEntries);
  }
  const ranges: Cidr[] = [];
  for (const entry of trusted as readonly unknown[]) {
    if (entry === "*" || entry === "unix") continue;
    const range = typeof entry === "string" ? parseCidr(entry) : null;
    if (range === null) throw wrong('trusted has addresses, ranges, "unix" or "*"', entry);
    ranges.push(range);
  }
  const [all, unix] = [trusted.includes("*"), trusted.includes("unix")];
  return { all, unix, ranges, forwarded: headers === "forwarded", host, prefix, maxEntries };
}

function wrong(rule: string, value: unknown): GatewayError {
  return new GatewayError("TSGI_ERR_OPTION", `Trusted proxies: ${rule}, not ${JSON.stringify(value)}`);
}
