// The environ of a request, key by key.
// Sources: PEP 3333 "environ Variables"; RFC 3875 §4.1.

import { expect, test } from "vitest";
import { environFromScope, type EnvironOptions } from "./environ.ts";
import { isBinaryString } from "./headers.ts";
import { scopeOf } from "./memory-transport.test-support.ts";
import type { Environ } from "./pep3333.ts";
import type { Header, HttpScopeInit } from "./scope.ts";
import { keepTarget } from "./request-target.ts";
import { decodePath } from "./target.ts";
import { BufferedInput } from "./wsgi-input.ts";
import { LineLog } from "./wsgi-errors.ts";

function make(changes: Partial<HttpScopeInit> = {}, options: EnvironOptions = {}): Environ {
  const server = { input: new BufferedInput(), errors: new LineLog({ log() {} }), afterResponse: [] };
  return environFromScope(scopeOf(changes), server, options);
}

/** As a host does it: `path` is what `raw_path` decodes to. */
function forPath(rawPath: string, changes: Partial<HttpScopeInit> = {}): Environ {
  return make({ raw_path: rawPath, path: decodePath(rawPath), ...changes });
}

function withHeaders(...headers: Header[]): Environ {
  return make({ headers });
}

const REQUIRED = [
  "REQUEST_METHOD",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "wsgi.version",
  "wsgi.url_scheme",
  "wsgi.input",
  "wsgi.errors",
  "wsgi.multithread",
  "wsgi.multiprocess",
  "wsgi.run_once",
];

test("an environ is a fresh plain object of writable, enumerable data properties [W2]", () => {
  const environ = make();
  expect(environ).not.toBe(make());
  expect(Object.getPrototypeOf(environ)).toBe(Object.prototype);
  expect(Object.isFrozen(environ)).toBe(false);
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(environ))) {
    expect(property, key).toMatchObject({ writable: true, enumerable: true, configurable: true });
  }
});

test("an app that changes and deletes keys, and what is in them, changes no other environ [W2]", () => {
  const first = make();
  first["wsgi.version"].push(7);
  (first["tsgi.after_response"] as unknown[]).push(() => undefined);
  for (const key of Object.keys(first)) delete first[key];
  const second = make();
  expect(second["wsgi.version"]).toEqual([1, 0]);
  expect(second["tsgi.after_response"]).toEqual([]);
});

test.each(REQUIRED)("%s is always there [W3]", (key) => {
  expect(Object.hasOwn(make({ raw_path: null, client: null, server: null }), key)).toBe(true);
});

test("QUERY_STRING is empty without a query, and the text after the question mark with one [W3 W10 X8]", () => {
  expect(make().QUERY_STRING).toBe("");
  expect(make({ query_string: "q=1%202?&é" }).QUERY_STRING).toBe("q=1%202?&é");
});

test("every key without a dot has a string of octets, and what is not known has no key [W4]", () => {
  const bare = make({ client: null, raw_path: null });
  for (const [key, value] of Object.entries(bare)) {
    if (!key.includes(".")) expect(typeof value === "string" && isBinaryString(value), key).toBe(true);
  }
  for (const key of ["CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_ADDR", "REMOTE_PORT", "REQUEST_URI"]) {
    expect(Object.hasOwn(bare, key), key).toBe(false);
  }
});

test("an empty Content-Type or Content-Length is as none [W4]", () => {
  const environ = withHeaders(["content-type", ""], ["content-length", ""]);
  expect(environ).not.toHaveProperty("CONTENT_TYPE");
  expect(environ).not.toHaveProperty("CONTENT_LENGTH");
});

const SPLITS: [root: string, rawPath: string, scriptName: string, pathInfo: string][] = [
  ["", "/", "", "/"],
  ["", "/a/b", "", "/a/b"],
  ["", "", "", "/"],
  ["/", "/a", "", "/a"],
  ["/api", "/api/x", "/api", "/x"],
  ["/api/", "/api/x", "/api", "/x"],
  ["/api", "/api", "/api", ""],
  ["/api", "/api/", "/api", "/"],
  // Not at a segment boundary: the prefix is not there, as if a proxy had taken it off.
  ["/api", "/apix", "/api", "/apix"],
  // A proxy has taken it off.
  ["/api", "/x", "/api", "/x"],
  ["api", "/api/x", "/api", "/x"],
  ["/m x", "/m%20x/caf%C3%A9%2Fz", "/m x", "/caf\xc3\xa9/z"],
  ["/caf\u00e9", "/caf%C3%A9/x", "/caf\xc3\xa9", "/x"],
  // A prefix taken from the path of a request, and so without its octets that are not UTF-8.
  ["/a\ufffd/b", "/a%FF/b/c%FF//", "/a\xff/b", "/c\xff//"],
  ["/a\ufffd", "/a%FF", "/a\xff", ""],
  ["/a\ufffd", "/a%FFx/b", "/a\xef\xbf\xbd", "/a\xffx/b"],
];

test.each(SPLITS)(
  "mounted at %j, the target %j is split into %j and %j [W5 W6 X4 X5 X6 A91]",
  (root_path, rawPath, scriptName, pathInfo) => {
    const environ = forPath(rawPath, { root_path });
    expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual([scriptName, pathInfo]);
  },
);

test("where a host puts back the prefix that a proxy took off, PATH_INFO is still what came [X5]", () => {
  const environ = make({ root_path: "/api", raw_path: "/x%FF", path: "/api/x\ufffd" });
  expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual(["/api", "/x\xff"]);
});

test("OPTIONS * has the path *, and no other method has [W6]", () => {
  expect(make({ method: "OPTIONS", path: "*", raw_path: "*" }).PATH_INFO).toBe("*");
  expect(make({ method: "GET", path: "*", raw_path: "*" }).PATH_INFO).toBe("/*");
});

const OCTETS: [rawPath: string, pathInfo: string][] = [
  ["/foo%E3%81%82", "/foo\xe3\x81\x82"],
  ["/bar%252c", "/bar%2c"],
  ["/bar%2c", "/bar,"],
  ["/a%80b", "/a\x80b"],
  ["/a\x80b", "/a\x80b"],
  ["/100%", "/100%"],
  ["/%zz", "/%zz"],
  ["/a%2Fb", "/a/b"],
  ["//foo///bar/baz", "//foo///bar/baz"],
  ["//host/x", "//host/x"],
  ["/a/%2e%2e/b", "/a/../b"],
  ["/%5c", "/\\"],
];

test.each(OCTETS)("the target %j is decoded once, to the octets %j [W7 W8 X2]", (rawPath, pathInfo) => {
  expect(forPath(rawPath).PATH_INFO).toBe(pathInfo);
});

test("a path that a middleware has set counts more than the target it does not belong to [X4]", () => {
  const environ = make({ raw_path: "/old", path: "/caf\u00e9" });
  expect(environ.PATH_INFO).toBe("/caf\xc3\xa9");
  expect(environ.REQUEST_URI).toBe("/old");
});

test("without a raw path the octets are those of the path in UTF-8 [X4]", () => {
  expect(make({ raw_path: null, path: "/caf\u00e9" }).PATH_INFO).toBe("/caf\xc3\xa9");
});

test("REQUEST_URI is the target as it came, with its query [W9 X2]", () => {
  expect(forPath("/a/%2e%2e/b%2Fc").REQUEST_URI).toBe("/a/%2e%2e/b%2Fc");
  expect(forPath("/a", { query_string: "q=%20" }).REQUEST_URI).toBe("/a?q=%20");
});

test("a header is HTTP_ and its name in capitals with underscores, its value octet for octet [W11 W13 W16 X18]", () => {
  const long = "v".repeat(1000);
  const environ = withHeaders(
    ["x-foo-bar", "1"],
    ["authorization", "Basic eA=="],
    ["x-utf8", "\xc3\xa9"],
    ["x-long", long],
    ["x.y!z", "token"],
    ["x-empty", ""],
  );
  expect(environ).toMatchObject({
    HTTP_X_FOO_BAR: "1",
    HTTP_AUTHORIZATION: "Basic eA==",
    HTTP_X_UTF8: "\xc3\xa9",
    HTTP_X_LONG: long,
    "HTTP_X.Y!Z": "token",
    HTTP_X_EMPTY: "",
  });
});

test("Content-Type and Content-Length have their own names, and nothing has their HTTP_ ones [W11]", () => {
  const environ = withHeaders(
    ["content-type", "text/plain"],
    ["content-length", "5"],
    ["transfer-encoding", "chunked"],
    ["cookie", "a=1"],
  );
  expect(environ).toMatchObject({ CONTENT_TYPE: "text/plain", CONTENT_LENGTH: "5", HTTP_COOKIE: "a=1" });
  for (const key of ["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING", "COOKIE"]) {
    expect(Object.hasOwn(environ, key), key).toBe(false);
  }
});

test.each(["proxy", "Proxy", "PROXY"])("the header %s never becomes HTTP_PROXY [W11 S1]", (name) => {
  const environ = make(
    {
      headers: [
        [name, "evil:1"],
        [name, "evil:2"],
      ],
    },
    { headerMap: "dangerous" },
  );
  expect(Object.keys(environ).filter((key) => key.includes("PROXY"))).toEqual([]);
});

test("a repeated header is joined in order: by comma and space, Cookie by semicolon and space [W12 X16 X17]", () => {
  const environ = withHeaders(
    ["x-foo", "a"],
    ["cookie", "a=1"],
    ["x-foo", "b"],
    ["cookie", "b=2"],
    ["X-Foo", "c"],
  );
  expect(environ).toMatchObject({ HTTP_X_FOO: "a, b, c", HTTP_COOKIE: "a=1; b=2" });
});

test("a header repeated in one request is not joined to that of another request [W12]", () => {
  expect(withHeaders(["x-again", "1"]).HTTP_X_AGAIN).toBe("1");
  expect(withHeaders(["x-again", "2"]).HTTP_X_AGAIN).toBe("2");
});

test("more distinct names than are remembered are still mapped and joined [W11 W12]", () => {
  const many: Header[] = Array.from({ length: 3000 }, (_, index) => [`x-many-${index}`, `${index}`]);
  const environ = withHeaders(...many, ["x-many-2999", "again"], ["x-many-0", "again"]);
  expect(environ).toMatchObject({
    HTTP_X_MANY_1500: "1500",
    HTTP_X_MANY_2999: "2999, again",
    HTTP_X_MANY_0: "0, again",
  });
  expect(withHeaders(["x-many-2999", "once"]).HTTP_X_MANY_2999).toBe("once");
});

test("a header 100 times is let through, and 101 times is refused [A91 S8]", () => {
  const times = (count: number): Header[] => Array.from({ length: count }, () => ["x-dup", "v"]);
  expect((withHeaders(...times(100)).HTTP_X_DUP as string).split(", ")).toHaveLength(100);
  expect(() => withHeaders(...times(101))).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_TOO_MANY_HEADERS" }),
  );
});

test("the limit on repetitions is an option, and Infinity is none [A91 S8]", () => {
  const headers: Header[] = Array.from({ length: 5000 }, () => ["x-dup", "v"]);
  expect(() => make({ headers: headers.slice(0, 2) }, { maxDuplicateHeaders: 1 })).toThrow(
    "more than 1 times",
  );
  expect(make({ headers: headers.slice(0, 1) }, { maxDuplicateHeaders: 1 }).HTTP_X_DUP).toBe("v");
  const environ = make({ headers }, { maxDuplicateHeaders: Infinity });
  expect((environ.HTTP_X_DUP as string).split(", ")).toHaveLength(5000);
});

const SMUGGLED: Header[] = [
  ["x_forwarded_for", "1.2.3.4"],
  ["content_length", "5"],
  ["content_type", "text/evil"],
  ["transfer_encoding", "chunked"],
];

test("a header with an underscore is left out [X14 S2]", () => {
  const environ = withHeaders(...SMUGGLED, ["x-forwarded-for", "5.6.7.8"]);
  expect(environ.HTTP_X_FORWARDED_FOR).toBe("5.6.7.8");
  expect(Object.keys(environ).filter((key) => /LENGTH|TYPE|ENCODING/.test(key))).toEqual([]);
});

test("headerMap: refuse refuses it, and dangerous lets it through, joined with its twin [X14]", () => {
  const headers: Header[] = [
    ["x-foo", "1"],
    ["x_foo", "2"],
  ];
  expect(() => make({ headers }, { headerMap: "refuse" })).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_HEADER" }),
  );
  expect(make({ headers }, { headerMap: "dangerous" }).HTTP_X_FOO).toBe("1, 2");
});

test("not even headerMap: dangerous lets an underscore forge a framing header [W11 S2]", () => {
  const environ = make({ headers: SMUGGLED }, { headerMap: "dangerous" });
  expect(Object.keys(environ).filter((key) => /LENGTH|TYPE|ENCODING/.test(key))).toEqual([]);
});

test("headerMapExcept lets the names of a trusted proxy through [X14]", () => {
  const headers: Header[] = [
    ["remote_user", "ann"],
    ["x_foo", "2"],
  ];
  const environ = make({ headers }, { headerMapExcept: ["Remote_User"] });
  expect(environ.HTTP_REMOTE_USER).toBe("ann");
  expect(environ).not.toHaveProperty("HTTP_X_FOO");
});

test("what is no header name at all is left out [S3]", () => {
  const environ = withHeaders(["", "1"], ["x y", "2"], ["x\xff", "3"], [":path", "4"]);
  expect(Object.keys(environ).filter((key) => key.startsWith("HTTP_"))).toEqual([]);
});

test.each(["__proto__", "constructor", "wsgi.input"])(
  "a header named %s reaches no prototype and no server key [S3]",
  (name) => {
    const environ = make({ headers: [[name, "evil"]] }, { headerMap: "dangerous" });
    expect(Object.getPrototypeOf(environ)).toBe(Object.prototype);
    expect(environ["wsgi.input"]).toBeInstanceOf(BufferedInput);
    expect({}).not.toHaveProperty("evil");
    expect(environ[`HTTP_${name.toUpperCase()}`]).toBe("evil");
  },
);

const VERSIONS: [version: string, protocol: string][] = [
  ["1.0", "HTTP/1.0"],
  ["1.1", "HTTP/1.1"],
  ["2", "HTTP/2.0"],
  ["3", "HTTP/3.0"],
];

test.each(VERSIONS)("HTTP version %s is %s [W15 X9]", (http_version, protocol) => {
  expect(make({ http_version }).SERVER_PROTOCOL).toBe(protocol);
});

test("the scheme is that of the scope [W14 X10]", () => {
  expect(make({ scheme: "https" })["wsgi.url_scheme"]).toBe("https");
  expect(make({ scheme: "http" })["wsgi.url_scheme"]).toBe("http");
});

test("the method is passed as it is, also one nobody knows [X1]", () => {
  expect(make({ method: "BREW" }).REQUEST_METHOD).toBe("BREW");
});

const SERVERS: [server: HttpScopeInit["server"], host: string | null, name: string, port: string][] = [
  [["127.0.0.1", 8080], "example.com", "127.0.0.1", "8080"],
  [["::1", 8080], null, "[::1]", "8080"],
  [["0.0.0.0", 8080], "example.com:99", "example.com", "8080"],
  [["::", 8080], "[2001:db8::1]:99", "[2001:db8::1]", "8080"],
  [["/run/app.sock", null], "example.com:99", "example.com", "99"],
  [["/run/app.sock", null], "example.com", "example.com", "80"],
  [["/run/app.sock", null], null, "localhost", "80"],
  [null, "example.com", "example.com", "80"],
  [null, null, "localhost", "80"],
  [null, "not a host:x", "localhost", "80"],
  [null, "a:b:c", "localhost", "80"],
  [null, "[zz]:8080", "localhost", "80"],
  [null, "", "localhost", "80"],
  [null, "example.com:", "example.com", "80"],
  [null, "[::1]:8080", "[::1]", "8080"],
  [null, "::1", "[::1]", "80"],
];

test.each(SERVERS)("the server %j, called %j, is %s at port %s [W3 X11]", (server, host, name, port) => {
  const environ = make({ server, headers: host === null ? [] : [["host", host]] });
  expect([environ.SERVER_NAME, environ.SERVER_PORT]).toEqual([name, port]);
});

test("without any port it is that of the scheme [X11]", () => {
  expect(make({ server: null, scheme: "https" }).SERVER_PORT).toBe("443");
});

test("the client is REMOTE_ADDR and REMOTE_PORT; an unknown port, as behind a proxy, has no key [X12]", () => {
  expect(make({ client: ["192.0.2.7", 4711] })).toMatchObject({
    REMOTE_ADDR: "192.0.2.7",
    REMOTE_PORT: "4711",
  });
  const behindProxy = make({ client: ["192.0.2.7", 0] });
  expect(behindProxy.REMOTE_ADDR).toBe("192.0.2.7");
  expect(behindProxy).not.toHaveProperty("REMOTE_PORT");
  expect(behindProxy).not.toHaveProperty("REMOTE_HOST");
});

test("wsgi.version is 1.0, and the three flags are options, all false [W17]", () => {
  expect(make()).toMatchObject({
    "wsgi.version": [1, 0],
    "wsgi.multithread": false,
    "wsgi.multiprocess": false,
    "wsgi.run_once": false,
    "wsgi.input_terminated": true,
  });
  expect(make({}, { multithread: true, multiprocess: true, runOnce: true })).toMatchObject({
    "wsgi.multithread": true,
    "wsgi.multiprocess": true,
    "wsgi.run_once": true,
  });
});

test("keys of the server have a dot and no capitals, and nothing of the process's environment, and nothing that does again what WSGI does, is there [W18 W53]", () => {
  const known = new Set([...REQUIRED, "REQUEST_URI", "REMOTE_ADDR", "REMOTE_PORT"]);
  const more = Object.keys(make()).filter((key) => !known.has(key));
  expect(more).toEqual(["wsgi.input_terminated", "wsgi.file_wrapper", "asgi.scope", "tsgi.after_response"]);
});

test("asgi.scope is the scope it was made from [X32]", () => {
  const scope = scopeOf();
  const server = { input: new BufferedInput(), errors: new LineLog({ log() {} }), afterResponse: [] };
  expect(environFromScope(scope, server)["asgi.scope"]).toBe(scope);
});

test("what only the environ of the web server knew is there again under its own name [X27 X33]", () => {
  const origin = {
    REMOTE_USER: "ann",
    AUTH_TYPE: "Basic",
    SSL_PROTOCOL: "TLSv1.3",
    EMPTY: "",
    HTTP_X_GONE: "a middleware took it out",
    "wsgi.input": "evil",
    "beaker.session": "evil",
    REQUEST_METHOD: "POST",
    REQUEST_URI: "http://h/?",
  };
  const environ = make({ extensions: { wsgi: { environ: origin } } });
  expect(environ).toMatchObject({
    REMOTE_USER: "ann",
    AUTH_TYPE: "Basic",
    SSL_PROTOCOL: "TLSv1.3",
    REQUEST_METHOD: "GET",
  });
  expect(environ["wsgi.input"]).toBeInstanceOf(BufferedInput);
  expect(environ).not.toHaveProperty("HTTP_X_GONE");
  expect(environ).not.toHaveProperty("EMPTY");
  expect(Object.keys(environ)).not.toContain("beaker.session");
});

test("REQUEST_URI is the target that a host left in the scope, until a middleware changes the path [W9 X3 X8]", () => {
  const uriOf = (target: string, query: string, changes: Partial<HttpScopeInit> = {}): unknown => {
    const scope = scopeOf({ path: "/p", raw_path: "/p", query_string: query });
    keepTarget(scope, target);
    return make({ ...scope, ...changes }).REQUEST_URI;
  };
  expect(uriOf("http://h/p?q", "q")).toBe("http://h/p?q");
  expect(uriOf("/p?", "")).toBe("/p?");
  expect(uriOf("/p?", "", { raw_path: "/r" })).toBe("/r");
});

test("REQUEST_URI keeps the form in which it came, where the web server tells it [W9 X3 X8]", () => {
  const withUri = (target: string): unknown =>
    make({ path: "/p", raw_path: "/p", extensions: { wsgi: { environ: { REQUEST_URI: target } } } })
      .REQUEST_URI;
  expect(withUri("http://h/p")).toBe("http://h/p");
  expect(withUri("/p?")).toBe("/p?");
  expect(withUri("/other")).toBe("/p");
});

test("a variable of the web server named __proto__ is a key like any other [S3]", () => {
  const origin = JSON.parse('{"__proto__": "evil", "constructor": "evil"}') as object;
  const environ = make({ extensions: { wsgi: { environ: origin } } });
  expect(Object.getPrototypeOf(environ)).toBe(Object.prototype);
  expect(Object.hasOwn(environ, "__proto__")).toBe(true);
});

test.each([
  { headerMap: "keep" as never },
  { maxBodySize: 1 } as never,
  { maxDuplicateHeaders: 0 },
  { maxDuplicateHeaders: Number.NaN },
])("the option %j is refused [S8]", (options) => {
  expect(() => make({}, options)).toThrow(expect.objectContaining({ code: "TSGI_ERR_OPTION" }));
});
