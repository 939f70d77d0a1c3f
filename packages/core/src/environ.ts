// The environ of a request, made from its scope.
// Sources: PEP 3333 "environ Variables"; RFC 3875 §4.1; ASGI HTTP 2.5 "WSGI Compatibility".

import { checkOptions, type OptionNames } from "./check-options.ts";
import { serverVariables } from "./environ-address.ts";
import { addHeaders, type HeaderMap, type HeaderRules } from "./environ-headers.ts";
import { addOrigin } from "./environ-origin.ts";
import { pathParts } from "./environ-path.ts";
import { GatewayError } from "./errors.ts";
import { fileWrapper } from "./file-wrapper.ts";
import type { Environ, ErrorStream, InputStream, WsgiHeader } from "./pep3333.ts";
import type { HttpScopeInit } from "./scope.ts";
import { targetOf } from "./request-target.ts";

/** How often one header may occur in a request, if the option does not say. */
const MAX_DUPLICATE_HEADERS = 100;

/** How an environ is made. */
export interface EnvironOptions {
  /**
   * What becomes of a request header whose name has an underscore, which environ cannot tell from a hyphen: `"drop"` leaves
   * it out, `"refuse"` answers 400, `"dangerous"` lets it through, joined with its twin. Default: `"drop"`.
   */
  readonly headerMap?: HeaderMap;
  /** Names with underscores that are let through nevertheless, because something trusted in front sets them. Default: none. */
  readonly headerMapExcept?: readonly string[];
  /** How often one header may occur in a request before it is answered 400; `Infinity` for no limit. Default: 100. */
  readonly maxDuplicateHeaders?: number;
  /** `wsgi.multithread`: whether other threads may be in the same app. Default: `false`. */
  readonly multithread?: boolean;
  /** `wsgi.multiprocess`: whether other processes may be in an equal app. Default: `false`. */
  readonly multiprocess?: boolean;
  /** `wsgi.run_once`: whether this process serves this one request only (CGI). Default: `false`. */
  readonly runOnce?: boolean;
}

/** The names of {@link EnvironOptions}. */
export const ENVIRON_OPTIONS: OptionNames<EnvironOptions> = {
  headerMap: true,
  headerMapExcept: true,
  maxDuplicateHeaders: true,
  multithread: true,
  multiprocess: true,
  runOnce: true,
};

/**
 * What an app may leave in `environ["tsgi.after_response"]`: called once the response was sent or has failed, the last one first.
 *
 * @param status - As given to `startResponse`; `null` if it was not called.
 * @param headers - As given to `startResponse`; empty if it was not called.
 * @param error - What the app failed with; `null` if it did not.
 */
export type AfterResponse = (
  environ: Environ,
  status: string | number | null,
  headers: readonly WsgiHeader[],
  error: unknown,
) => void | Promise<void>;

/** What a server adds to a scope to make an environ. */
export interface ServerObjects {
  /** The request body. */
  readonly input: InputStream;
  /** The server's error log. */
  readonly errors: ErrorStream;
  /** A fresh array: what the app adds to it, the server calls after the response. */
  readonly afterResponse: AfterResponse[];
}

/** {@link EnvironOptions}, checked and complete. */
export interface EnvironSettings extends HeaderRules {
  readonly multithread: boolean;
  readonly multiprocess: boolean;
  readonly runOnce: boolean;
}

/**
 * Makes an environ: a fresh plain object, whose strings are binary strings. `asgi.scope` is the scope it was made from.
 * CONTENT_LENGTH is what the header says: a server which counted the body sets it itself.
 *
 * @throws {@link GatewayError} `TSGI_ERR_TOO_MANY_HEADERS` or `TSGI_ERR_HEADER`: answer 400. `TSGI_ERR_OPTION`: a wrong option.
 * @see PEP 3333, "environ Variables"
 */
export function environFromScope(
  scope: HttpScopeInit,
  server: ServerObjects,
  options: EnvironOptions = {},
): Environ {
  checkOptions(options, ENVIRON_OPTIONS);
  return buildEnviron(scope, server.input, server.errors, server.afterResponse, environSettings(options));
}

/** The same, for who has the settings at hand. */
export function buildEnviron(
  scope: HttpScopeInit,
  input: InputStream,
  errors: ErrorStream,
  afterResponse: AfterResponse[],
  settings: EnvironSettings,
): Environ {
  const { scriptName, pathInfo } = pathParts(scope);
  const server = serverVariables(scope);
  // Always these keys in this order, so that all environs start with the same hidden class.
  const environ: Environ = {
    REQUEST_METHOD: scope.method,
    SCRIPT_NAME: scriptName,
    PATH_INFO: pathInfo,
    QUERY_STRING: scope.query_string,
    SERVER_NAME: server.name,
    SERVER_PORT: server.port,
    SERVER_PROTOCOL: PROTOCOLS[scope.http_version] ?? `HTTP/${scope.http_version}`,
    "wsgi.version": [1, 0],
    "wsgi.url_scheme": scope.scheme,
    "wsgi.input": input,
    "wsgi.errors": errors,
    "wsgi.multithread": settings.multithread,
    "wsgi.multiprocess": settings.multiprocess,
    "wsgi.run_once": settings.runOnce,
    "wsgi.input_terminated": true,
    "wsgi.file_wrapper": fileWrapper,
    "asgi.scope": scope,
    "tsgi.after_response": afterResponse,
  };
  const { client, raw_path: rawPath } = scope;
  if (rawPath !== null) environ.REQUEST_URI = targetOf(scope, rawPath);
  if (client !== null) {
    environ.REMOTE_ADDR = client[0];
    // Port 0 stands for "unknown": a proxy in front, say.
    if (client[1] !== 0) environ.REMOTE_PORT = String(client[1]);
  }
  addHeaders(environ, scope.headers, settings);
  if (environ.CONTENT_TYPE === "") delete environ.CONTENT_TYPE;
  if (environ.CONTENT_LENGTH === "") delete environ.CONTENT_LENGTH;
  const { wsgi } = scope.extensions;
  if (wsgi !== undefined) addOrigin(environ, wsgi);
  return environ;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function environSettings(options: EnvironOptions): EnvironSettings {
  const {
    headerMap = "drop",
    headerMapExcept = [],
    maxDuplicateHeaders = MAX_DUPLICATE_HEADERS,
    multithread = false,
    multiprocess = false,
    runOnce = false,
  } = options;
  if (headerMap !== "drop" && headerMap !== "refuse" && headerMap !== "dangerous") {
    throw new GatewayError(
      "TSGI_ERR_OPTION",
      `headerMap is "drop", "refuse" or "dangerous", not ${headerMap}`,
    );
  }
  if (!(maxDuplicateHeaders >= 1)) {
    throw new GatewayError(
      "TSGI_ERR_OPTION",
      `maxDuplicateHeaders is a number from 1 upwards, not ${maxDuplicateHeaders}`,
    );
  }
  return {
    headerMap,
    headerMapExcept: new Set(headerMapExcept.map((name) => name.toLowerCase())),
    maxDuplicateHeaders,
    multithread,
    multiprocess,
    runOnce,
  };
}

// nginx and Apache write HTTP/2.0, and apps expect it.
const PROTOCOLS: Readonly<Record<string, string>> = {
  "1.1": "HTTP/1.1",
  "1.0": "HTTP/1.0",
  "2": "HTTP/2.0",
  "3": "HTTP/3.0",
};
