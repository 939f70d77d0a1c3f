// The scope of a request, made from an environ or from the meta-variables a web server sent.
// Sources: RFC 3875 §4.1; PEP 3333 "environ Variables"; ASGI HTTP 2.5 "WSGI Compatibility".

import { buildEnviron, environSettings } from "./environ.ts";
import type { ErrorStream, InputStream } from "./pep3333.ts";
import type { Header, HttpScopeInit } from "./scope.ts";
import {
  headerOfVariable,
  isHeaderValue,
  schemeFromVariables,
  scopeFromVariables,
  type RequestVariables,
} from "./scope-from-variables.ts";

/**
 * Makes a scope. An environ which was itself made from a scope, and has not been changed since, gives that very scope back;
 * else `extensions.wsgi.environ` is the environ, and `raw_path`, `client` and `server` are `null` where it does not tell.
 *
 * @throws {@link GatewayError} `TSGI_ERR_WSGI` if it has no REQUEST_METHOD or an unreadable SERVER_PROTOCOL: answer 400.
 */
export function scopeFromEnviron(environ: Readonly<Record<string, unknown>>): HttpScopeInit {
  const original = originalScope(environ);
  if (original !== null) return original;
  const scheme = schemeFromEnviron(environ);
  const headers = headersFromEnviron(environ);
  return scopeFromVariables(variablesFromEnviron(environ), scheme, headers, { wsgi: { environ } });
}

function variablesFromEnviron(environ: Readonly<Record<string, unknown>>): RequestVariables {
  return {
    REQUEST_METHOD: text(environ, "REQUEST_METHOD"),
    REQUEST_URI: text(environ, "REQUEST_URI"),
    SCRIPT_NAME: text(environ, "SCRIPT_NAME"),
    PATH_INFO: text(environ, "PATH_INFO"),
    QUERY_STRING: text(environ, "QUERY_STRING"),
    SERVER_PROTOCOL: text(environ, "SERVER_PROTOCOL"),
    SERVER_NAME: text(environ, "SERVER_NAME"),
    SERVER_PORT: text(environ, "SERVER_PORT"),
    REMOTE_ADDR: text(environ, "REMOTE_ADDR"),
    REMOTE_PORT: text(environ, "REMOTE_PORT"),
  };
}

/**
 * The scheme: `wsgi.url_scheme` if it is there, else what HTTPS (`on`, `1`, `yes`, `true` in any case) and REQUEST_SCHEME say.
 *
 * @see wsgiref.util.guess_scheme
 */
export function schemeFromEnviron(environ: Readonly<Record<string, unknown>>): "http" | "https" {
  const given = environ["wsgi.url_scheme"];
  if (given === "http" || given === "https") return given;
  return schemeFromVariables(text(environ, "HTTPS"), text(environ, "REQUEST_SCHEME"));
}

/** The headers: `HTTP_X_FOO` is `x-foo`, in the environ's order; what was joined stays joined. */
function headersFromEnviron(environ: Readonly<Record<string, unknown>>): Header[] {
  const headers: Header[] = [];
  for (const key of Object.keys(environ)) {
    const value = environ[key];
    if (typeof value !== "string") continue;
    const name = headerOfVariable(key);
    if (name !== "" && isHeaderValue(name, value)) headers.push([name, value]);
  }
  return headers;
}

function text(environ: Readonly<Record<string, unknown>>, key: string): string {
  const value = Object.hasOwn(environ, key) ? environ[key] : undefined;
  return typeof value === "string" ? value : "";
}

/** The scope in `asgi.scope`, if the environ still says what that scope says. */
function originalScope(environ: Readonly<Record<string, unknown>>): HttpScopeInit | null {
  const scope = environ["asgi.scope"] as HttpScopeInit | undefined;
  if (scope?.type !== "http") return null;
  const { "wsgi.input": input, "wsgi.errors": errors } = environ;
  const again = buildEnviron(scope, input as InputStream, errors as ErrorStream, [], PERMISSIVE);
  const keys = Object.keys(environ).filter(isMetaVariable);
  const same = keys.length === Object.keys(again).filter(isMetaVariable).length;
  const unchanged = same && keys.every((key) => environ[key] === again[key]);
  return unchanged && again["wsgi.url_scheme"] === environ["wsgi.url_scheme"] ? scope : null;
}

const PERMISSIVE = environSettings({ maxDuplicateHeaders: Infinity });

function isMetaVariable(key: string): boolean {
  return !key.includes(".");
}
