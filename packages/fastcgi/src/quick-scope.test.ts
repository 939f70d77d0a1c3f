// The short way to a scope gives what the long way gives.

import {
  scopeFromMetaVariables,
  metaSettings,
  metaVariables,
  addMetaVariable,
  type MetaOptions,
} from "@tsgi/cgi";
import { environFromScope, latin1Encode, type HttpScopeInit, type ServerObjects } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { RESPONDER } from "./constants.ts";
import { ParamsBlock } from "./params-block.ts";
import { encodePair } from "./pairs.ts";
import { RequestParams } from "./request-scope.ts";

const USUAL: Readonly<Record<string, string>> = {
  QUERY_STRING: "q=1%202",
  REQUEST_METHOD: "GET",
  CONTENT_TYPE: "",
  CONTENT_LENGTH: "",
  SCRIPT_NAME: "/app",
  PATH_INFO: "/x/y",
  REQUEST_URI: "/app/x/y?q=1%202",
  SERVER_PROTOCOL: "HTTP/1.1",
  REQUEST_SCHEME: "http",
  GATEWAY_INTERFACE: "CGI/1.1",
  SERVER_SOFTWARE: "nginx/1.22.1",
  REMOTE_ADDR: "127.0.0.1",
  REMOTE_PORT: "44890",
  SERVER_PORT: "19001",
  SERVER_NAME: "localhost",
  HTTPS: "",
  HTTP_HOST: "127.0.0.1",
  HTTP_X_FOO: "a",
  HTTP_EMPTY: "",
};

type Pairs = readonly (readonly [string, string])[];

/** Both scopes of some parameters. */
function bothScopes(pairs: Pairs, options: MetaOptions): { short: HttpScopeInit; long: HttpScopeInit } {
  const settings = metaSettings(options);
  const block = new ParamsBlock();
  const octets = latin1Encode(pairs.map(([name, value]) => encodePair(name, value)).join(""));
  block.add(octets, 0, octets.length);
  const short = new RequestParams(block, RESPONDER, settings, 1_000).scope();
  const meta = metaVariables();
  for (const [name, value] of pairs) addMetaVariable(meta, name, value);
  meta["FCGI_ROLE"] = "RESPONDER";
  return { short, long: scopeFromMetaVariables(meta, settings) };
}

/** What apps see of a scope, the extensions as what they say when they are asked. */
function seen(scope: HttpScopeInit): unknown {
  const { wsgi, cgi } = scope.extensions as unknown as { wsgi: { environ: object }; cgi: { env: object } };
  const symbols = Object.getOwnPropertySymbols(scope).map((key) => Reflect.get(scope, key) as unknown);
  return {
    ...scope,
    extensions: null,
    environ: wsgi.environ,
    env: cgi.env,
    keys: Object.keys(scope),
    symbols,
  };
}

const OPTIONS: MetaOptions[] = [
  {},
  { scriptName: "" },
  { scriptName: "/app" },
  { scriptName: "/other" },
  { iis: true },
];

/** Each parameter with each of these values, the others as usual. */
const VALUES: readonly string[] = [
  "",
  "/",
  "*",
  "/app",
  "/app/",
  "/app/x/y",
  "/app/x/y?",
  "/app/x%2Fy?q=1%202",
  "/app//x/y?q=1%202",
  "/app/x/y?q=1%202#f",
  "/app/x/y#f",
  "/app/x y",
  "/\xe9",
  "http://h/app/x/y?q=1%202",
  "x",
  "/x",
  "/application/x",
  "GET",
  "OPTIONS",
  "get",
  "HTTP/1.0",
  "HTTP/1",
  "HTTP/2",
  "HTTP/2.0",
  "HTTP/3.0",
  "INCLUDED",
  "on",
  "ON",
  "1",
  "off",
  "https",
  "http",
  "::1",
  "::ffff:10.0.0.1",
  "unix:",
  "10.0.0.1",
  "0",
  "80",
  "65535",
  "65536",
  "99999",
  "123456",
  "-1",
  "+5",
  "5",
  "example.org:99",
  "[::1]",
  "example.org",
  "chunked",
  "text/plain",
  "q=1%202",
];

const NAMES: readonly string[] = [
  ...Object.keys(USUAL),
  "Authorization",
  "HTTP_AUTHORIZATION",
  "REDIRECT_HTTP_AUTHORIZATION",
  "HTTP_TRANSFER_ENCODING",
  "HTTP_PROXY",
  "HTTP_CONTENT_LENGTH",
  "HTTP_CONTENT_TYPE",
  "HTTP_X.Y",
  "HTTP_",
  "HTTP_A B",
  "wsgi.url_scheme",
  "asgi.scope",
  "__proto__",
  "HTTP___PROTO__",
  "PATH_TRANSLATED",
];

describe.each(OPTIONS)("with the options %j", (options) => {
  test.each(NAMES)(
    "whatever %s is, both ways give the same scope, or the same error [F29 F30 F31 F68 F70]",
    (name) => {
      for (const value of VALUES) {
        const others = Object.entries(USUAL);
        const changed = Object.entries({ ...USUAL, [name]: value });
        const pairs = name === "__proto__" ? [...others, [name, value] as const] : changed;
        for (const list of [
          pairs,
          [...others, [name, value] as const],
          pairs.filter(([key]) => key !== name),
        ]) {
          let long: unknown;
          let short: unknown;
          try {
            const both = bothScopes(list, options);
            [short, long] = [seen(both.short), seen(both.long)];
          } catch (error) {
            expect(error).toMatchObject({ code: "TSGI_ERR_META_VARIABLE" });
            continue;
          }
          expect(short).toEqual(long);
        }
      }
    },
  );
});

test("the usual request goes the short way: its environ is not made before somebody asks [F70]", () => {
  const { short, long } = bothScopes(Object.entries(USUAL), {});
  expect(short.extensions.wsgi).toBe(short.extensions["cgi"]);
  expect(long.extensions.wsgi).not.toBe(long.extensions["cgi"]);
});

test("what a sync app gets beyond the scope is what is in the environ, and what somebody has changed there [X32 W2]", () => {
  const odd: Pairs = [
    ["__proto__", "p"],
    ["REMOTE_USER", "me"],
    ["wsgi.x", "no"],
    ["EMPTY", ""],
  ];
  const pairs = [...Object.entries(USUAL), ...odd];
  for (const options of OPTIONS) {
    const { short, long } = bothScopes(pairs, options);
    const quick = environOf(short);
    expect(Object.getOwnPropertyDescriptors(quick)).toEqual(
      Object.getOwnPropertyDescriptors(environOf(long)),
    );
    expect(Object.keys(quick)).toContain("__proto__");
    expect(quick).toMatchObject({ FCGI_ROLE: "RESPONDER", REMOTE_USER: "me", REQUEST_SCHEME: "http" });
  }
  const { short } = bothScopes(pairs, {});
  Object.assign(short.extensions.wsgi?.environ ?? {}, { REMOTE_USER: "you" });
  expect(environOf(short)).toMatchObject({ REMOTE_USER: "you", FCGI_ROLE: "RESPONDER" });
});

/** As a sync app gets it, without what belongs to one call. */
function environOf(scope: HttpScopeInit): Record<string, unknown> {
  const server = { input: null, errors: null, afterResponse: [] } as unknown as ServerObjects;
  const { "asgi.scope": _, ...environ } = environFromScope(scope, server);
  return environ;
}

test("a copy of the scope has all of it [A11 X32]", () => {
  const { short, long } = bothScopes(Object.entries(USUAL), { scriptName: "/app" });
  expect(seen({ ...short, extensions: { ...short.extensions } })).toEqual(seen(long));
});
