// An environ under lintWsgi: what a server must put into it, and what never stands there.

import { expect, test } from "vitest";
import type { Environ, WsgiApp } from "@tsgi/core";
import { lintWsgi, type LintedWsgiApp } from "./lint-wsgi.ts";
import { callWsgi, goodEnviron, rulesOf } from "./lint/wsgi.test-support.ts";

const plain: WsgiApp = (_environ, startResponse) => {
  startResponse("200 OK", []);
  return [Uint8Array.of(0x61)];
};

const ENVIRON_FAULTS: [what: string, rule: string, changes: Record<string, unknown>][] = [
  ["a method that is missing", "W3", { REQUEST_METHOD: undefined }],
  ["a query that is missing", "W3", { QUERY_STRING: undefined, REQUEST_URI: undefined }],
  ["a mode that is missing", "W3", { "wsgi.errors": undefined }],
  ["a method that is empty", "W3", { REQUEST_METHOD: "" }],
  ["a server name that is empty", "W3", { SERVER_NAME: "" }],
  ["a port that is no number", "W3", { SERVER_PORT: "http" }],
  ["a value that is a number", "W4", { REMOTE_PORT: 1 }],
  ["a value that is null", "W4", { REMOTE_ADDR: null }],
  ["a value above 0xFF", "W4", { HTTP_X_FOO: "€" }],
  ["an empty content type", "W4", { CONTENT_TYPE: "" }],
  ["an empty content length", "W4", { CONTENT_LENGTH: "" }],
  ["a content length that is no number", "W4", { CONTENT_LENGTH: "-1" }],
  [
    "a script name that ends with a slash",
    "W5",
    { SCRIPT_NAME: "/m/", PATH_INFO: "a b", REQUEST_URI: undefined },
  ],
  ["a script name without a slash", "W5", { SCRIPT_NAME: "m", REQUEST_URI: undefined }],
  ["a path without a slash", "W6", { PATH_INFO: "a", REQUEST_URI: undefined }],
  [
    "a path and a script name that are both empty",
    "W6",
    { SCRIPT_NAME: "", PATH_INFO: "", REQUEST_URI: undefined },
  ],
  ["the asterisk without OPTIONS", "W6", { SCRIPT_NAME: "", PATH_INFO: "*", REQUEST_URI: undefined }],
  ["a path that is not decoded", "W7", { PATH_INFO: "/a%20b" }],
  ["a path that is decoded twice", "W7", { PATH_INFO: "/%41", REQUEST_URI: "/m/%252541?q=1" }],
  ["a path as text and not as octets", "W7", { PATH_INFO: "/\xe9", REQUEST_URI: "/m/%C3%A9?q=1" }],
  ["slashes that are merged", "W8", { PATH_INFO: "/a", REQUEST_URI: "/m//a?q=1" }],
  ["a target with a blank", "W9", { REQUEST_URI: "/m/a b" }],
  ["a query that is not that of the target", "W10", { QUERY_STRING: "" }],
  ["a header in lower case", "W11", { HTTP_x_foo: "1" }],
  ["a header with a hyphen", "W11", { "HTTP_X-FOO": "1" }],
  ["the content type as a header", "W11", { HTTP_CONTENT_TYPE: "text/plain" }],
  ["the content length as a header", "W11", { HTTP_CONTENT_LENGTH: "5" }],
  ["a proxy from the client", "W11", { HTTP_PROXY: "http://evil" }],
  ["a bare cookie", "W11", { COOKIE: "a=1" }],
  ["a scheme of websockets", "W14", { "wsgi.url_scheme": "ws" }],
  ["http though HTTPS is on", "W14", { HTTPS: "on" }],
  ["a protocol that is none", "W15", { SERVER_PROTOCOL: "HTTP/1.10" }],
  ["another version", "W17", { "wsgi.version": [1, 1] }],
  ["a mode that is no boolean", "W17", { "wsgi.run_once": 0 }],
  ["a key of its own in upper case", "W18", { "Tsgi.key": 1 }],
  ["a transfer coding that is undone", "W25", { HTTP_TRANSFER_ENCODING: "chunked" }],
  ["an input without a certain end", "W25", { "wsgi.input_terminated": undefined }],
  ["a file wrapper that is no function", "W52", { "wsgi.file_wrapper": {} }],
  ["early hints that are no function", "W54", { "wsgi.early_hints": true }],
];

test.each(ENVIRON_FAULTS)("the server of a sync app is at fault for %s [W55]", (_what, rule, changes) => {
  const outcome = callWsgi(plain, { environ: goodEnviron(changes) });
  expect(rulesOf(outcome)[0]).toBe(`${rule} server`);
  expect(new Set(rulesOf(outcome).map((found) => found.split(" ")[1]))).toEqual(new Set(["server"]));
});

const RIGHT_ENVIRONS: [what: string, changes: Record<string, unknown>][] = [
  ["no optional key", { REQUEST_URI: undefined, CONTENT_LENGTH: undefined, HTTP_X_FOO: undefined }],
  ["the root", { SCRIPT_NAME: "", PATH_INFO: "/a b", REQUEST_URI: "/a%20b?q=1" }],
  ["the mount point itself", { PATH_INFO: "", REQUEST_URI: "/m?q=1" }],
  [
    "the asterisk",
    { REQUEST_METHOD: "OPTIONS", SCRIPT_NAME: "", PATH_INFO: "*", QUERY_STRING: "", REQUEST_URI: "*" },
  ],
  ["a whole URL as target", { REQUEST_URI: "http://localhost/m/a%20b?q=1" }],
  ["a prefix that a proxy took off", { REQUEST_URI: "/a%20b?q=1" }],
  ["a target that a web server has rewritten", { GATEWAY_INTERFACE: "CGI/1.1", REQUEST_URI: "/pretty" }],
  ["an empty header", { HTTP_X_FOO: "" }],
  ["variables of the operating system", { path: "/bin", npm_config_x: "1" }],
  ["TLS", { HTTPS: "on", "wsgi.url_scheme": "https" }],
];

test.each(RIGHT_ENVIRONS)("nothing is found in an environ with %s [W55]", (_what, changes) => {
  const outcome = callWsgi(plain, { environ: goodEnviron(changes) });
  expect([rulesOf(outcome), outcome.error]).toEqual([[], null]);
});

const SHAPES: [what: string, environ: unknown][] = [
  ["an environ of a class", Object.assign(Object.create({ inherited: true }), goodEnviron())],
  ["a frozen environ", Object.preventExtensions(goodEnviron({ "tsgi.lint": null }))],
  [
    "a getter in environ",
    Object.defineProperty(goodEnviron(), "PATH_INFO", { get: () => "/a b", enumerable: true }),
  ],
  [
    "a key that cannot be changed",
    Object.defineProperty(goodEnviron(), "PATH_INFO", { value: "/a b", writable: false }),
  ],
];

test.each(SHAPES)("the server of a sync app is at fault for %s [W55]", (_what, environ) => {
  expect(rulesOf(callWsgi(plain, { environ: environ as Environ }))).toEqual(["W2 server"]);
});

test("an environ that came before, or a call without startResponse, is the server's fault [W55]", () => {
  const linted = lintWsgi(plain) as LintedWsgiApp & ((...call: unknown[]) => unknown);
  const environ = goodEnviron();
  linted(environ, () => () => {});
  expect(() => linted(environ, () => () => {})).toThrow(
    expect.objectContaining({ rule: "W2", side: "server" }),
  );
  expect(() => linted(goodEnviron())).toThrow(expect.objectContaining({ rule: "W1", side: "server" }));
});
