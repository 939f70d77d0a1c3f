// From environ to scope, and round trips both ways.
// Sources: RFC 3875 §4.1; ASGI HTTP 2.5 "WSGI Compatibility".

import { expect, test } from "vitest";
import { environFromScope } from "./environ.ts";
import { scopeOf } from "./memory-transport.test-support.ts";
import type { Environ } from "./pep3333.ts";
import type { Header, HttpScopeInit } from "./scope.ts";
import { schemeFromEnviron, scopeFromEnviron } from "./scope-from-environ.ts";
import { decodePath } from "./target.ts";
import { LineLog } from "./wsgi-errors.ts";
import { BufferedInput } from "./wsgi-input.ts";

const GET = { REQUEST_METHOD: "GET", SERVER_PROTOCOL: "HTTP/1.1", SCRIPT_NAME: "", PATH_INFO: "/" };

function scopeWith(variables: Record<string, unknown>): HttpScopeInit {
  return scopeFromEnviron({ ...GET, ...variables });
}

function environWith(changes: Partial<HttpScopeInit>): Environ {
  const server = { input: new BufferedInput(), errors: new LineLog({ log() {} }), afterResponse: [] };
  return environFromScope(scopeOf(changes), server);
}

const PATHS: [scriptName: string, pathInfo: string, path: string, rootPath: string][] = [
  ["", "/", "/", ""],
  ["", "", "/", ""],
  ["/m x", "/caf\xc3\xa9/z", "/m x/caf\u00e9/z", "/m x"],
  ["/m", "", "/m", "/m"],
  ["/m/", "/x", "/m/x", "/m"],
  ["/m/", "x", "/m/x", "/m"],
  ["/", "", "/", ""],
  ["/", "x", "/x", ""],
  ["", "/a\xff", "/a\ufffd", ""],
  // Against RFC 3875, and not to be taken for the path /mx.
  ["/m", "x", "/m/x", "/m"],
  ["m", "/x", "/m/x", "/m"],
  ["", "x", "/x", ""],
  ["", "*", "/*", ""],
];

test.each(PATHS)(
  "SCRIPT_NAME %j and PATH_INFO %j are the path %j below %j [X4 X6 A18 A21]",
  (script, info, path, root) => {
    const scope = scopeWith({ SCRIPT_NAME: script, PATH_INFO: info });
    expect([scope.path, scope.root_path]).toEqual([path, root]);
  },
);

test("octets that are not UTF-8 come back in the environ, though a path has no place for them [X4 W7]", () => {
  const sent = { SCRIPT_NAME: "/m\xe9", PATH_INFO: "/caf\xe9/\xff" };
  const scope = scopeWith(sent);
  expect(scope.path).toBe("/m\ufffd/caf\ufffd/\ufffd");
  expect(environWith(scope)).toMatchObject(sent);
  // Rewritten to something the target does not tell, too.
  expect(environWith({ ...scope, raw_path: "/other" })).toMatchObject(sent);
  // What a middleware has set since counts more.
  expect(environWith({ ...scope, root_path: "", path: "/new\ufffd" }).PATH_INFO).toBe("/new\xef\xbf\xbd");
});

test("the raw path comes from REQUEST_URI, without its query and authority; without one it is null [A19 X2 X3]", () => {
  expect(scopeWith({ REQUEST_URI: "/a%2Fb//c?q=/%20" }).raw_path).toBe("/a%2Fb//c");
  expect(scopeWith({ REQUEST_URI: "http://h/p?q" }).raw_path).toBe("/p");
  expect(scopeWith({}).raw_path).toBeNull();
});

test("OPTIONS * has the path *, wherever the web server says so [X3]", () => {
  expect(scopeWith({ REQUEST_METHOD: "OPTIONS", PATH_INFO: "", REQUEST_URI: "*" }).path).toBe("*");
  expect(scopeWith({ REQUEST_METHOD: "OPTIONS", PATH_INFO: "*", REQUEST_URI: "*" }).path).toBe("*");
});

test("QUERY_STRING is query_string, and no QUERY_STRING is an empty one [A20 X8]", () => {
  expect(scopeWith({ QUERY_STRING: "a=%20b" }).query_string).toBe("a=%20b");
  expect(scopeWith({}).query_string).toBe("");
});

const PROTOCOLS: [protocol: string | undefined, version: string][] = [
  ["HTTP/1.0", "1.0"],
  ["HTTP/1.1", "1.1"],
  ["HTTP/2.0", "2"],
  ["HTTP/2", "2"],
  ["HTTP/3.0", "3"],
  ["INCLUDED", "1.0"],
  ["", "1.0"],
  [undefined, "1.0"],
];

test.each(PROTOCOLS)("SERVER_PROTOCOL %j is version %s [X9]", (SERVER_PROTOCOL, version) => {
  expect(scopeWith({ SERVER_PROTOCOL }).http_version).toBe(version);
});

test.each(["FOO", "HTTP/111", "HTTP/4.0", "http/1.1"])(
  "SERVER_PROTOCOL %j is refused [X9]",
  (SERVER_PROTOCOL) => {
    expect(() => scopeWith({ SERVER_PROTOCOL })).toThrow(expect.objectContaining({ code: "TSGI_ERR_WSGI" }));
  },
);

test("an environ without a method is refused [X1]", () => {
  expect(() => scopeWith({ REQUEST_METHOD: "" })).toThrow(expect.objectContaining({ code: "TSGI_ERR_WSGI" }));
});

const SCHEMES: [variables: Record<string, string>, scheme: string][] = [
  [{}, "http"],
  [{ HTTPS: "on" }, "https"],
  [{ HTTPS: "ON" }, "https"],
  [{ HTTPS: "1" }, "https"],
  [{ HTTPS: "yes" }, "https"],
  [{ HTTPS: "off" }, "http"],
  [{ HTTPS: "" }, "http"],
  [{ HTTPS: "foo" }, "http"],
  [{ REQUEST_SCHEME: "https" }, "https"],
  [{ "wsgi.url_scheme": "http", HTTPS: "on" }, "http"],
  [{ "wsgi.url_scheme": "https" }, "https"],
];

test.each(SCHEMES)("%j is %s [W14 X10]", (variables, scheme) => {
  expect(schemeFromEnviron(variables)).toBe(scheme);
  expect(scopeWith(variables).scheme).toBe(scheme);
});

test("HTTP_ variables are headers in their order, in lower case with hyphens, and stay joined [X15 A22]", () => {
  const { headers } = scopeWith({
    HTTP_HOST: "h",
    CONTENT_TYPE: "text/plain",
    HTTP_X_FOO_BAR: "a, b",
    CONTENT_LENGTH: "5",
    HTTP_COOKIE: "a=1; b=2",
    HTTP_X_UTF8: "\xc3\xa9",
  });
  expect(headers).toEqual([
    ["host", "h"],
    ["content-type", "text/plain"],
    ["x-foo-bar", "a, b"],
    ["content-length", "5"],
    ["cookie", "a=1; b=2"],
    ["x-utf8", "\xc3\xa9"],
  ]);
});

test("what is no header, or must not be one, is left out [X15 S1 S3]", () => {
  const { headers } = scopeWith({
    CONTENT_TYPE: "",
    CONTENT_LENGTH: "-1",
    HTTP_CONTENT_TYPE: "text/evil",
    HTTP_CONTENT_LENGTH: "7",
    HTTP_PROXY: "evil:1",
    HTTP_: "nameless",
    "HTTP_X Y": "no token",
    HTTP_X: 7,
    HTTPS: "on",
  });
  expect(headers).toEqual([]);
});

const CLIENTS: [variables: Record<string, string>, client: HttpScopeInit["client"]][] = [
  [{ REMOTE_ADDR: "192.0.2.7", REMOTE_PORT: "4711" }, ["192.0.2.7", 4711]],
  [{ REMOTE_ADDR: "192.0.2.7" }, ["192.0.2.7", 0]],
  [{ REMOTE_ADDR: "::ffff:192.0.2.7", REMOTE_PORT: "1" }, ["192.0.2.7", 1]],
  [{ REMOTE_ADDR: "2001:db8::1", REMOTE_PORT: "65536" }, ["2001:db8::1", 0]],
  [{ REMOTE_PORT: "4711" }, null],
  [{ REMOTE_ADDR: "unix:" }, null],
];

test.each(CLIENTS)("%j is the client %j [X12]", (variables, client) => {
  expect(scopeWith(variables).client).toEqual(client);
});

const SERVERS: [variables: Record<string, string>, server: HttpScopeInit["server"]][] = [
  [{ SERVER_NAME: "example.com", SERVER_PORT: "8080" }, ["example.com", 8080]],
  [{ SERVER_NAME: "example.com:99", SERVER_PORT: "8080" }, ["example.com", 8080]],
  [{ SERVER_NAME: "example.com:99" }, ["example.com", 99]],
  [{ SERVER_NAME: "[::1]", SERVER_PORT: "80" }, ["::1", 80]],
  [{ SERVER_NAME: "::1", SERVER_PORT: "80" }, ["::1", 80]],
  [{ SERVER_NAME: "example.com", HTTPS: "on" }, ["example.com", 443]],
  [{ SERVER_PORT: "80" }, null],
];

test.each(SERVERS)("%j is the server %j [X11]", (variables, server) => {
  expect(scopeWith(variables).server).toEqual(server);
});

test("the environ is kept with the scope [X32]", () => {
  const environ = { ...GET, REMOTE_USER: "ann" };
  expect(scopeFromEnviron(environ).extensions.wsgi?.environ).toBe(environ);
});

const TARGETS = [
  "/m%20x/caf%C3%A9%2Fz",
  "/m%20x",
  "/m%20x/",
  "/m%20x//a///b",
  "/m%20x/%FF%80",
  "/m%20x/a/../b",
];

test.each(TARGETS)("the target %j is the same after scope, environ and scope again [X4 X15]", (raw_path) => {
  const headers: Header[] = [
    ["host", "h"],
    ["x-foo", "a"],
    ["content-type", "t"],
    ["cookie", "a=1"],
  ];
  const scope = scopeOf({
    raw_path,
    path: decodePath(raw_path),
    root_path: "/m x",
    query_string: "q=1",
    headers,
  });
  const environ = environWith(scope);
  delete environ["asgi.scope"];
  const again = scopeFromEnviron(environ);
  const { extensions: _, rawHeaders, ...facts } = again;
  const { extensions: __, rawHeaders: ___, ...expected } = scope;
  expect(facts).toEqual(expected);
  expect(rawHeaders).toBeNull();
});

test("repeated headers come back joined, and nothing else changes [X15 X17]", () => {
  const environ = environWith({
    headers: [
      ["x-foo", "a"],
      ["cookie", "a=1"],
      ["x-foo", "b"],
      ["cookie", "b=2"],
    ],
  });
  delete environ["asgi.scope"];
  expect(scopeFromEnviron(environ).headers).toEqual([
    ["x-foo", "a, b"],
    ["cookie", "a=1; b=2"],
  ]);
});

test.each(["http", "https"] as const)(
  "version, method, scheme %s and addresses survive the round trip [X1 X9 X10 X11 X12]",
  (scheme) => {
    const changes = {
      scheme,
      method: "BREW",
      http_version: "2",
      client: ["2001:db8::7", 5],
      server: ["::1", 444],
    } as const;
    const environ = environWith(changes);
    delete environ["asgi.scope"];
    expect(scopeFromEnviron(environ)).toMatchObject(changes);
  },
);

test("meta-variables are the same after environ, scope and environ again [X4 X9 X15 X33]", () => {
  const variables = {
    REQUEST_METHOD: "POST",
    SCRIPT_NAME: "/m",
    PATH_INFO: "/caf\xc3\xa9",
    QUERY_STRING: "q",
    REQUEST_URI: "/m/caf%C3%A9?q",
    SERVER_NAME: "example.com",
    SERVER_PORT: "8080",
    SERVER_PROTOCOL: "HTTP/2.0",
    REMOTE_ADDR: "192.0.2.7",
    REMOTE_PORT: "4711",
    REMOTE_USER: "ann",
    CONTENT_TYPE: "text/plain",
    CONTENT_LENGTH: "5",
    HTTP_HOST: "example.com:8080",
    HTTP_X_FOO: "a, b",
  };
  const environ = environWith(scopeFromEnviron(variables));
  const plain = Object.fromEntries(Object.entries(environ).filter(([key]) => !key.includes(".")));
  expect(plain).toEqual(variables);
});

test("an environ that nobody changed gives back the very scope it was made from [X32]", () => {
  const environ = environWith({
    headers: [
      ["x-foo", "a"],
      ["x-foo", "b"],
    ],
    root_path: "/m",
    path: "/m/x",
    raw_path: "/m/x",
  });
  environ["myapp.session"] = {};
  expect(scopeFromEnviron(environ)).toBe(environ["asgi.scope"]);
});

test.each([
  ["PATH_INFO", "/other"],
  ["HTTP_X_NEW", "1"],
  ["wsgi.url_scheme", "https"],
  ["REMOTE_USER", "ann"],
])("an environ whose %s was changed gives a scope of its own [X32]", (key, value) => {
  const environ = environWith({});
  environ[key] = value;
  expect(scopeFromEnviron(environ)).not.toBe(environ["asgi.scope"]);
});

test("a variable from the wire named asgi.scope is not taken for a scope [S3 X33]", () => {
  expect(scopeWith({ "asgi.scope": "evil" }).path).toBe("/");
});
