// The URL from an environ: the rules of PEP 3333, and the rows of CPython's test_wsgiref.

import { expect, test } from "vitest";
import { reconstructUrl } from "./reconstruct-url.ts";

const SERVER = { "wsgi.url_scheme": "http", SERVER_NAME: "127.0.0.1", SERVER_PORT: "80" };

const ROWS: [url: string, environ: Record<string, string>][] = [
  ["http://127.0.0.1/", { PATH_INFO: "/" }],
  ["http://127.0.0.1:8080/x", { SERVER_PORT: "8080", PATH_INFO: "/x" }],
  ["https://127.0.0.1/x", { "wsgi.url_scheme": "https", SERVER_PORT: "443", PATH_INFO: "/x" }],
  ["https://127.0.0.1:80/x", { "wsgi.url_scheme": "https", PATH_INFO: "/x" }],
  ["http://foo.com:8081/x", { HTTP_HOST: "foo.com:8081", PATH_INFO: "/x" }],
  ["http://[::1]:8080/", { SERVER_NAME: "::1", SERVER_PORT: "8080", PATH_INFO: "/" }],
  ["http://[::1]/", { SERVER_NAME: "[::1]", PATH_INFO: "/" }],
  ["http://127.0.0.1/spammity/spam", { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam" }],
  ["http://127.0.0.1/sp%E4mmity/spam", { SCRIPT_NAME: "/sp\xe4mmity", PATH_INFO: "/spam" }],
  ["http://127.0.0.1/sp%C3%A4m", { PATH_INFO: "/sp\xc3\xa4m" }],
  [
    "http://127.0.0.1/spammity/spam;cookie=1234,5678",
    { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam;cookie=1234,5678" },
  ],
  [
    "http://127.0.0.1/spammity/spam?say=ni",
    { SCRIPT_NAME: "/spammity", PATH_INFO: "/spam", QUERY_STRING: "say=ni" },
  ],
  ["http://127.0.0.1/a%20b%25%3F%23", { PATH_INFO: "/a b%?#", QUERY_STRING: "" }],
  ["http://127.0.0.1/m", { SCRIPT_NAME: "/m", PATH_INFO: "" }],
  ["http://foo.com:8001", { HTTP_HOST: "foo.com:8001", REQUEST_METHOD: "OPTIONS", PATH_INFO: "*" }],
];

test.each(ROWS)("%s is built from %j [W19]", (url, environ) => {
  expect(reconstructUrl({ ...SERVER, ...environ })).toBe(url);
});
