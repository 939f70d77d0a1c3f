// What `inject()` takes, as a request of the test client.
// Source: light-my-request 6, "API" of its README; RFC 6265 §4.2 (Cookie), §5.1.4 (paths).

import { GatewayError, isBytes } from "@tsgi/core";
import type { TestField } from "./fields.ts";
import type { TestBody } from "./request.ts";

/** The parts of a URL. */
export interface InjectUrl {
  readonly pathname: string;
  readonly protocol?: string;
  readonly hostname?: string;
  readonly port?: string | number;
  readonly query?: InjectQuery;
}

/** A query string without `?`, or its keys and values. */
export type InjectQuery = string | Readonly<Record<string, QueryValue | readonly QueryValue[]>>;

type QueryValue = string | number | boolean;

/** Values by name; or cookies as a response has them, which are sent where their path allows. */
export type InjectCookies =
  | Readonly<Record<string, string | { readonly value: string; readonly path?: string }>>
  | readonly { readonly name: string; readonly value: string; readonly path?: string }[];

/** What `inject` takes; the names are those of light-my-request. */
export interface InjectOptions {
  /** Default: `"GET"`. */
  readonly method?: string;
  /** A path, or a whole URL, whose authority becomes the `host` header. Default: `"/"`. */
  readonly url?: string | InjectUrl;
  /** The same. */
  readonly path?: string | InjectUrl;
  /** The `host` header, where neither `headers` nor the URL has one. Default: `"localhost:80"`. */
  readonly authority?: string;
  /** An array as value sends the header more than once. Default: none. */
  readonly headers?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  /** Added to the URL's own query; a key of both is taken from here. Default: none. */
  readonly query?: InjectQuery;
  /** Appended to the `cookie` header. Default: none. */
  readonly cookies?: InjectCookies;
  /** The client's address. Default: `"127.0.0.1"`. */
  readonly remoteAddress?: string;
  /** Text, bytes, pieces, or form data; any other value goes as JSON. Default: none. */
  readonly payload?: unknown;
  /** The same. */
  readonly body?: unknown;
  /** Gives the response up. Default: none. */
  readonly signal?: AbortSignal;
  /** Whether the response is given as soon as its head is there: `stream()` has the body. Default: `false`. */
  readonly payloadAsStream?: boolean;
}

/** A request that was made of them. */
export interface InjectedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly TestField[];
  readonly body: TestBody | null;
}

/** Makes the request. */
export async function injectedRequest(options: InjectOptions): Promise<InjectedRequest> {
  const { method = "GET", authority = "localhost:80", cookies } = options;
  const { target, host } = targetOf(options.url ?? options.path ?? "/", options.query);
  const headers: TestField[] = [];
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === undefined) continue;
    const values = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
    for (const one of values) headers.push([name, one]);
  }
  const has = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted);
  if (!has("host")) headers.unshift(["host", host ?? authority]);
  if (cookies !== undefined) addCookies(headers, cookies, target.split("?", 1)[0] as string);
  const { body, type } = await bodyOf(options.payload ?? options.body ?? null);
  if (type !== null && !has("content-type")) headers.push(["content-type", type]);
  return { method: method.toUpperCase(), target, headers, body };
}

function targetOf(
  url: string | InjectUrl,
  query: InjectQuery | undefined,
): { target: string; host: string | null } {
  if (typeof url !== "string") {
    const { pathname, hostname, port } = url;
    const added = targetOf(targetOf(pathname, url.query).target, query).target;
    return {
      target: added,
      host: hostname === undefined ? null : `${hostname}${port === undefined ? "" : `:${port}`}`,
    };
  }
  const whole = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]+)(.*)$/s.exec(url);
  const relative = whole === null ? url : (whole[2] as string);
  const path = relative.startsWith("/") || relative === "*" ? relative : `/${relative}`;
  return { target: query === undefined ? path : withQuery(path, query), host: whole?.[1] ?? null };
}

function withQuery(path: string, query: InjectQuery): string {
  const [pathname = "", search = ""] = path.split(/\?(.*)/s);
  const params = new URLSearchParams(search);
  const added =
    typeof query === "string"
      ? [...new URLSearchParams(query)]
      : Object.entries(query).flatMap(([key, value]) =>
          [value].flat().map((one) => [key, String(one)] as [string, string]),
        );
  for (const [key] of added) params.delete(key);
  for (const [key, value] of added) params.append(key, value);
  const text = params.toString();
  return text === "" ? pathname : `${pathname}?${text}`;
}

function addCookies(headers: TestField[], cookies: InjectCookies, path: string): void {
  const list = Array.isArray(cookies)
    ? (cookies as readonly { name: string; value: string; path?: string }[])
    : Object.entries(cookies as Readonly<Record<string, string | { value: string; path?: string }>>).map(
        ([name, cookie]) => (typeof cookie === "string" ? { name, value: cookie } : { name, ...cookie }),
      );
  const sent = list
    .filter((cookie) => isWithin(path, cookie.path ?? "/"))
    .map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  const at = headers.findIndex(([name]) => name.toLowerCase() === "cookie");
  const before = headers[at];
  if (before === undefined) headers.push(["cookie", sent.join("; ")]);
  else headers[at] = [before[0], [before[1], ...sent].join("; ")];
  if (sent.length === 0 && before === undefined) headers.pop();
}

/** Whether a cookie's path covers a request's (RFC 6265 §5.1.4). */
function isWithin(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith("/") ? cookiePath : `${cookiePath}/`);
}

async function bodyOf(body: unknown): Promise<{ body: TestBody | null; type: string | null }> {
  if (body === null || typeof body === "string" || isBytes(body)) return { body, type: null };
  if (isForm(body)) {
    const form = new Response(body);
    return { body: new Uint8Array(await form.arrayBuffer()), type: form.headers.get("content-type") };
  }
  if (typeof body === "object" && Symbol.asyncIterator in body) return { body: body as TestBody, type: null };
  const json = JSON.stringify(body) as string | undefined;
  if (json === undefined) {
    throw new GatewayError("TSGI_ERR_OPTION", `A ${typeof body} cannot be the body of a request`);
  }
  return { body: json, type: "application/json" };
}

/** Asked by name: on Node, touching the global `FormData` costs more than the whole request. */
function isForm(body: unknown): body is FormData | URLSearchParams {
  const tag = Object.prototype.toString.call(body);
  return tag === "[object FormData]" || tag === "[object URLSearchParams]";
}
