// The scope that a web server's meta-variables make, quirk by quirk. What is measured stands with the server it was measured on.
// Sources: RFC 3875 §4.1; recordings of nginx 1.22, Apache 2.4.71, lighttpd 1.4.69, Caddy 2.6, HAProxy 2.6.

import { expect, test } from "vitest";
import { environFromScope, GatewayError, targetOf, type Environ, type HttpScopeInit } from "@tsgi/core";
import { metaSettings, type MetaOptions } from "./meta-settings.ts";
import { addMetaVariable, metaVariables } from "./meta-variables.ts";
import { scopeFromMetaVariables } from "./scope-from-meta-variables.ts";

const GET = { REQUEST_METHOD: "GET", SERVER_PROTOCOL: "HTTP/1.1" };

type Sent = Record<string, string | undefined>;

function scopeOf(sent: Sent, options: MetaOptions = {}): HttpScopeInit {
  const meta = metaVariables();
  for (const [name, value] of Object.entries({ ...GET, ...sent })) {
    if (value !== undefined) addMetaVariable(meta, name, value);
  }
  return scopeFromMetaVariables(meta, metaSettings(options));
}

function environOf(sent: Sent, options?: MetaOptions): Environ {
  const input = { read: fail, readline: fail, readlines: fail, [Symbol.iterator]: fail };
  const errors = { write() {}, writelines() {}, flush() {} };
  return environFromScope(scopeOf(sent, options), { input, errors, afterResponse: [] });
}

function fail(): never {
  throw new Error("Nobody reads it here");
}

/** What counts of a request's path, for both interfaces. */
function pathsOf(sent: Sent, options?: MetaOptions): Record<string, unknown> {
  const { path, root_path, raw_path } = scopeOf(sent, options);
  const { SCRIPT_NAME, PATH_INFO } = environOf(sent, options);
  return { path, root_path, raw_path, SCRIPT_NAME, PATH_INFO };
}

// ── paths ───────────────────────────────────────────────────────────────────────────────────────────────────────

test("an exact split is taken as it is [X4 C4]", () => {
  const sent = {
    SCRIPT_NAME: "/m x",
    PATH_INFO: "/caf\xc3\xa9/z",
    REQUEST_URI: "/m%20x/caf%C3%A9%2Fz?q",
    QUERY_STRING: "q",
  };
  expect(pathsOf(sent)).toEqual({
    path: "/m x/caf\u00e9/z",
    root_path: "/m x",
    raw_path: "/m%20x/caf%C3%A9%2Fz",
    SCRIPT_NAME: "/m x",
    PATH_INFO: "/caf\xc3\xa9/z",
  });
});

test("what is missing is empty, and a SCRIPT_NAME of a slash belongs to PATH_INFO [C4 W5]", () => {
  expect(environOf({})).toMatchObject({ SCRIPT_NAME: "", PATH_INFO: "/", QUERY_STRING: "" });
  expect(environOf({ SCRIPT_NAME: "/" })).toMatchObject({ SCRIPT_NAME: "", PATH_INFO: "/" });
  expect(environOf({ SCRIPT_NAME: "/", PATH_INFO: "/x" })).toMatchObject({
    SCRIPT_NAME: "",
    PATH_INFO: "/x",
  });
  expect(environOf({ SCRIPT_NAME: "/app", PATH_INFO: "" })).toMatchObject({
    SCRIPT_NAME: "/app",
    PATH_INFO: "",
  });
});

const MERGED: [name: string, sent: Sent, pathInfo: string][] = [
  [
    "nginx, lighttpd, Caddy",
    { SCRIPT_NAME: "/app", PATH_INFO: "/a/b/c", REQUEST_URI: "/app/a%2Fb//c" },
    "/a/b//c",
  ],
  ["slashes at the end", { SCRIPT_NAME: "/app", PATH_INFO: "/a/", REQUEST_URI: "/app/a///" }, "/a///"],
  ["only slashes", { SCRIPT_NAME: "", PATH_INFO: "/host/x", REQUEST_URI: "//host/x" }, "//host/x"],
  ["HAProxy", { SCRIPT_NAME: "/app", PATH_INFO: "/x z//w", REQUEST_URI: "/app/x%20z//w" }, "/x z//w"],
];

test.each(MERGED)("slashes that were merged come back: %s [C35 S16]", (_name, sent, pathInfo) => {
  const { SCRIPT_NAME, PATH_INFO } = environOf(sent);
  expect([SCRIPT_NAME, PATH_INFO]).toEqual([sent["SCRIPT_NAME"], pathInfo]);
});

const REWRITTEN: [name: string, sent: Sent, path: string][] = [
  ["dots resolved", { SCRIPT_NAME: "/app", PATH_INFO: "/e/f", REQUEST_URI: "/app/d/../e/./f?" }, "/app/e/f"],
  ["another path", { SCRIPT_NAME: "/app", PATH_INFO: "/new", REQUEST_URI: "/app/old" }, "/app/new"],
  ["another prefix", { SCRIPT_NAME: "/app", PATH_INFO: "/x", REQUEST_URI: "/pretty/x" }, "/app/x"],
  ["no boundary", { SCRIPT_NAME: "/app", PATH_INFO: "/x", REQUEST_URI: "/apple/x" }, "/app/x"],
];

test.each(REWRITTEN)("what the web server rewrote is not undone: %s [C35 X2]", (_name, sent, path) => {
  const scope = scopeOf(sent);
  expect(scope.path).toBe(path);
  expect(scope.raw_path).toBe(sent["REQUEST_URI"]?.replace("?", ""));
  const { SCRIPT_NAME, PATH_INFO, REQUEST_URI } = environOf(sent);
  expect(SCRIPT_NAME + PATH_INFO).toBe(path);
  expect(REQUEST_URI).toBe(sent["REQUEST_URI"]);
});

test("octets that are not UTF-8 are those that were passed, from REQUEST_URI or as they are [C30 W7]", () => {
  const octets = { SCRIPT_NAME: "/app", PATH_INFO: "/a\xff" };
  expect(environOf(octets)).toMatchObject(octets);
  // As a lossy process environment has it: U+FFFD in UTF-8.
  const lossy = { SCRIPT_NAME: "/app", PATH_INFO: "/a\xef\xbf\xbd", REQUEST_URI: "/app/a%ff" };
  expect(environOf(lossy)).toMatchObject(octets);
  const prefix = { SCRIPT_NAME: "/a\xef\xbf\xbd", PATH_INFO: "/x", REQUEST_URI: "/a%ff/x" };
  expect(environOf(prefix)).toMatchObject({ SCRIPT_NAME: "/a\xff", PATH_INFO: "/x" });
});

const MOUNTS: [name: string, scriptName: string, sent: Sent, pathInfo: string][] = [
  ["nginx and fcgiwrap", "/app", { SCRIPT_NAME: "/app/x z/w", REQUEST_URI: "/app/x%20z//w?q" }, "/x z//w"],
  ["Apache proxy_fcgi", "/app", { SCRIPT_NAME: "/app/x/w", REQUEST_URI: "/app/x/w" }, "/x/w"],
  ["lighttpd at the root", "", { SCRIPT_NAME: "/a/b", PATH_INFO: "", REQUEST_URI: "/a/b" }, "/a/b"],
  [
    "lighttpd at the root, the path split",
    "/",
    { SCRIPT_NAME: "/a", PATH_INFO: "/b", REQUEST_URI: "/a/b" },
    "/a/b",
  ],
  ["Caddy without SCRIPT_NAME", "/app", { PATH_INFO: "/app/x", REQUEST_URI: "/app/x" }, "/x"],
  ["no REQUEST_URI", "/app", { SCRIPT_NAME: "/app/x" }, "/x"],
  ["no REQUEST_URI, split already", "/app", { SCRIPT_NAME: "/app", PATH_INFO: "/x" }, "/x"],
  ["at the mount itself", "/app", { SCRIPT_NAME: "/app", REQUEST_URI: "/app?q" }, ""],
  ["absolute-form", "/app", { SCRIPT_NAME: "/app/x", REQUEST_URI: "http://h/app/x" }, "/x"],
  ["no boundary", "/app", { SCRIPT_NAME: "/apple", REQUEST_URI: "/apple" }, "/apple"],
  ["a prefix that was taken off", "/app", { SCRIPT_NAME: "/x", REQUEST_URI: "/x" }, "/x"],
  ["an encoded prefix", "/m x", { SCRIPT_NAME: "/m x/y", REQUEST_URI: "/m%20x/y" }, "/y"],
];

test.each(MOUNTS)(
  "a given scriptName splits the path: %s [C33 C34 X5]",
  (_name, scriptName, sent, pathInfo) => {
    const { SCRIPT_NAME, PATH_INFO } = environOf(sent, { scriptName });
    expect([SCRIPT_NAME, PATH_INFO]).toEqual([scriptName === "/" ? "" : scriptName, pathInfo]);
  },
);

test("OPTIONS * has the path *, mounted or not [C43]", () => {
  const sent = { REQUEST_METHOD: "OPTIONS", REQUEST_URI: "*", SCRIPT_NAME: "", PATH_INFO: "" };
  expect(scopeOf(sent).path).toBe("*");
  expect(environOf(sent).PATH_INFO).toBe("*");
  expect(scopeOf(sent, { scriptName: "" }).path).toBe("*");
});

const OF_IIS: [iis: true | "iis6" | "iis7", sent: Sent, scriptName: string, pathInfo: string][] = [
  [true, { SCRIPT_NAME: "/a.js", PATH_INFO: "/a.js/x" }, "/a.js", "/x"],
  ["iis7", { SCRIPT_NAME: "/a.js", PATH_INFO: "/a.js" }, "/a.js", ""],
  [true, { SCRIPT_NAME: "/a", PATH_INFO: "/apple" }, "/a", "/apple"],
  [true, { SCRIPT_NAME: "", PATH_INFO: "/x" }, "", "/x"],
  [
    "iis6",
    { SCRIPT_NAME: "/x", PATH_INFO: "/dir/a.js/x/y", PATH_TRANSLATED: "C:\\www\\x\\y" },
    "/dir/a.js",
    "/x/y",
  ],
  ["iis6", { SCRIPT_NAME: "/a", PATH_INFO: "/x" }, "/a", "/x"],
];

test.each(OF_IIS)("iis: %j takes %j for %j and %j [C32]", (iis, sent, scriptName, pathInfo) => {
  const { SCRIPT_NAME, PATH_INFO } = environOf(sent, { iis });
  expect([SCRIPT_NAME, PATH_INFO]).toEqual([scriptName, pathInfo]);
  expect(environOf({ SCRIPT_NAME: "/a.js", PATH_INFO: "/a.js/x" }).PATH_INFO).toBe("/a.js/x");
});

test("a target that a scope does not tell is kept for guests [X3 X8]", () => {
  const scope = scopeOf({ PATH_INFO: "/p", REQUEST_URI: "http://h/p?" });
  expect(targetOf(scope, scope.raw_path ?? "")).toBe("http://h/p?");
  expect(environOf({ PATH_INFO: "/p", REQUEST_URI: "/p?" }).REQUEST_URI).toBe("/p?");
});

// ── the rest of the scope ───────────────────────────────────────────────────────────────────────────────────────

const VERSIONS: [protocol: string | undefined, version: string][] = [
  [undefined, "1.0"],
  ["", "1.0"],
  ["INCLUDED", "1.0"],
  ["HTTP/1.0", "1.0"],
  ["HTTP/1.1", "1.1"],
  ["HTTP/2.0", "2"],
  ["HTTP/2", "2"],
  ["HTTP/3.0", "3"],
];

test.each(VERSIONS)("SERVER_PROTOCOL %j is version %s [C3 F68 X9]", (SERVER_PROTOCOL, version) => {
  expect(scopeOf({ SERVER_PROTOCOL }).http_version).toBe(version);
});

const NO_REQUEST: Sent[] = [
  { REQUEST_METHOD: undefined },
  { REQUEST_METHOD: "" },
  { REQUEST_METHOD: "G T" },
  { SERVER_PROTOCOL: "FOO" },
  { SERVER_PROTOCOL: "HTTP/1.1\r\n" },
];

test.each(NO_REQUEST)("%j is no request: 400 [C1 C3 F68]", (sent) => {
  expect(() => scopeOf(sent)).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_META_VARIABLE" }) as GatewayError,
  );
});

const SCHEMES: [sent: Sent, scheme: string][] = [
  [{ HTTPS: "on" }, "https"],
  [{ HTTPS: "ON" }, "https"],
  [{ HTTPS: "1" }, "https"],
  [{ HTTPS: "yes" }, "https"],
  [{ REQUEST_SCHEME: "https" }, "https"],
  [{ HTTPS: "", REQUEST_SCHEME: "https" }, "https"],
  [{}, "http"],
  [{ HTTPS: "" }, "http"],
  [{ HTTPS: "off" }, "http"],
  [{ HTTPS: "foo", REQUEST_SCHEME: "http" }, "http"],
];

test.each(SCHEMES)("%j is %s [C29 W14 X10]", (sent, scheme) => {
  expect(scopeOf(sent).scheme).toBe(scheme);
  expect(environOf(sent)["wsgi.url_scheme"]).toBe(scheme);
});

test("what is empty is not there: nginx sends such for each it does not know [F30 W4]", () => {
  const environ = environOf({ CONTENT_TYPE: "", CONTENT_LENGTH: "", REMOTE_USER: "", HTTPS: "" });
  for (const name of ["CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_USER", "HTTPS"]) {
    expect(environ, name).not.toHaveProperty(name);
  }
  expect(scopeOf({ CONTENT_TYPE: "", CONTENT_LENGTH: "" }).headers).toEqual([]);
});

test("headers are lower-case names; framing that is not true any more and Proxy are not among them [F31 X15 C33 S1]", () => {
  const sent = {
    HTTP_X_FOO: "a, b",
    CONTENT_TYPE: "text/plain",
    CONTENT_LENGTH: "5",
    HTTP_CONTENT_LENGTH: "7",
    HTTP_CONTENT_TYPE: "text/html",
    HTTP_TRANSFER_ENCODING: "chunked",
    HTTP_PROXY: "http://evil/",
    HTTP_COOKIE: "a=1; b=2",
  };
  expect(scopeOf(sent).headers).toEqual([
    ["x-foo", "a, b"],
    ["content-type", "text/plain"],
    ["content-length", "5"],
    ["cookie", "a=1; b=2"],
  ]);
  const environ = environOf(sent);
  expect(environ).toMatchObject({ HTTP_X_FOO: "a, b", CONTENT_TYPE: "text/plain", CONTENT_LENGTH: "5" });
  for (const name of ["HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_TRANSFER_ENCODING", "HTTP_PROXY"]) {
    expect(environ, name).not.toHaveProperty(name);
  }
});

test.each([{ CONTENT_LENGTH: "-1" }, { HTTP_TRANSFER_ENCODING: "gzip, chunked" }])(
  "a body of unknown length shows in the headers, and not in environ [C8 C5 F31]",
  (sent) => {
    expect(scopeOf(sent).headers).toEqual([["transfer-encoding", "chunked"]]);
    const environ = environOf(sent);
    expect(environ).not.toHaveProperty("CONTENT_LENGTH");
    expect(environ).not.toHaveProperty("HTTP_TRANSFER_ENCODING");
  },
);

test("who asked, and whether the web server knows them, is in environ and in an extension, not among headers [C37]", () => {
  const sent = { AUTH_TYPE: "Basic", REMOTE_USER: "ada", REMOTE_IDENT: "id", SERVER_SOFTWARE: "x/1" };
  const scope = scopeOf(sent);
  expect(scope.headers).toEqual([]);
  expect(scope.extensions["cgi"]).toEqual({ env: { ...GET, ...sent } });
  expect(environOf(sent)).toMatchObject(sent);
  expect(environOf({ HTTP_REMOTE_USER: "eve", HTTP_AUTH_TYPE: "x" })).not.toHaveProperty("REMOTE_USER");
});

test("Authorization comes under two names, and under a third if an option says so [C36 F32]", () => {
  const redirected = { REDIRECT_HTTP_AUTHORIZATION: "Basic r", REDIRECT_STATUS: "200" };
  expect(environOf({ HTTP_AUTHORIZATION: "Basic h", Authorization: "Basic a" }).HTTP_AUTHORIZATION).toBe(
    "Basic h",
  );
  expect(environOf({ Authorization: "Basic a" })).toMatchObject({ HTTP_AUTHORIZATION: "Basic a" });
  expect(environOf(redirected)).not.toHaveProperty("HTTP_AUTHORIZATION");
  expect(environOf(redirected)).toMatchObject(redirected);
  const options = { redirectAuthorization: true };
  expect(scopeOf(redirected, options).headers).toEqual([["authorization", "Basic r"]]);
  expect(environOf({ ...redirected, HTTP_AUTHORIZATION: "Basic h" }, options).HTTP_AUTHORIZATION).toBe(
    "Basic h",
  );
  expect(environOf({ ...redirected, HTTP_AUTHORIZATION: "" }, options).HTTP_AUTHORIZATION).toBe("Basic r");
});

const CLIENTS: [sent: Sent, client: [string, number] | null][] = [
  [{ REMOTE_ADDR: "192.0.2.1", REMOTE_PORT: "5000" }, ["192.0.2.1", 5000]],
  [{ REMOTE_ADDR: "192.0.2.1" }, ["192.0.2.1", 0]],
  [{ REMOTE_ADDR: "192.0.2.1", REMOTE_HOST: "192.0.2.1" }, ["192.0.2.1", 0]],
  [{ REMOTE_ADDR: "::1", REMOTE_PORT: "x" }, ["::1", 0]],
  [{ REMOTE_ADDR: "unix:" }, null],
  [{}, null],
];

test.each(CLIENTS)("%j is the client %j [C38 X12]", (sent, client) => {
  expect(scopeOf(sent).client).toEqual(client);
});

const SERVERS: [sent: Sent, server: [string, number] | null, environ: [string, string]][] = [
  [{ SERVER_NAME: "h", SERVER_PORT: "8080" }, ["h", 8080], ["h", "8080"]],
  [{ SERVER_NAME: "Example.COM:99", SERVER_PORT: "18405" }, ["Example.COM", 18405], ["Example.COM", "18405"]],
  [{ SERVER_NAME: "[::1]", SERVER_PORT: "80" }, ["::1", 80], ["[::1]", "80"]],
  [{ SERVER_NAME: "[::1]:99", SERVER_PORT: "80" }, ["::1", 80], ["[::1]", "80"]],
  [{ SERVER_NAME: "h", HTTPS: "on" }, ["h", 443], ["h", "443"]],
  [{}, null, ["localhost", "80"]],
];

test.each(SERVERS)("%j is the server %j [C39 X11]", (sent, server, [name, port]) => {
  expect(scopeOf(sent).server).toEqual(server);
  expect(environOf(sent)).toMatchObject({ SERVER_NAME: name, SERVER_PORT: port });
});

test("variables nobody maps are in environ by their own name, and are not headers [X33]", () => {
  const sent = {
    DOCUMENT_ROOT: "/srv",
    SSL_PROTOCOL: "TLSv1.3",
    REDIRECT_URL: "/x",
    PHP_VALUE: "a=b",
    lower: "l",
  };
  expect(environOf(sent)).toMatchObject(sent);
  expect(scopeOf(sent).headers).toEqual([]);
});

test("what the meta-variables hold is not changed by making a scope of them", () => {
  const meta = Object.assign(metaVariables(), GET, { SCRIPT_NAME: "/app/x", REQUEST_URI: "/app//x" });
  const before = { ...meta };
  scopeFromMetaVariables(meta, metaSettings({ scriptName: "/app", iis: true }));
  expect({ ...meta }).toEqual(before);
});
