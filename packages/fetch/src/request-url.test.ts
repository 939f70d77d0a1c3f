// The URL of a guest: what a Host header and a path may make of it.

import { expect, test } from "vitest";
import type { HttpScopeInit } from "@tsgi/core";
import { createTestClient } from "@tsgi/testing";
import { mount } from "@tsgi/core";
import { fromFetch } from "./from-fetch.ts";
import { pathBelow, requestUrl, type UrlRules } from "./request-url.ts";

const RULES: UrlRules = { mountedUrl: "below", dotSegments: "refuse" };

function scopeOf(changes: Partial<HttpScopeInit>): HttpScopeInit {
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "GET",
    scheme: "http",
    path: "/",
    raw_path: "/",
    query_string: "",
    root_path: "",
    headers: [["host", "example.org"]],
    client: null,
    server: null,
    state: null,
    extensions: {},
    rawHeaders: null,
    ...changes,
  };
}

test.each([
  ["/", "", "http://example.org/"],
  ["/a/b", "x=1", "http://example.org/a/b?x=1"],
  ["/caf%C3%A9/%2F/%252F", "q=%20", "http://example.org/caf%C3%A9/%2F/%252F?q=%20"],
  ["//evil.example/x", "", "http://example.org//evil.example/x"],
  ["/a'b{c}|^`", "'\"<>", "http://example.org/a'b%7Bc%7D|^%60?%27%22%3C%3E"],
  ["/.hidden/a..b/..c", "", "http://example.org/.hidden/a..b/..c"],
  ["/caf\xc3\xa9", "\xc3\xa9", "http://example.org/caf%C3%A9?%C3%A9"],
  ["/a%00b%0A", "", "http://example.org/a%00b%0A"],
  ["*", "", "http://example.org/"],
])("the target %j with the query %j is %s [A19 A20 X2]", (raw_path, query_string, url) => {
  const made = requestUrl(scopeOf({ raw_path, query_string }), RULES);
  // What a later URL standard encodes in addition is as good.
  expect(made?.replaceAll("%5E", "^")).toBe(url);
  expect(new URL(made ?? "").href).toBe(made);
});

test.each(["/a/../b", "/a/./b", "/..", "/a/%2e%2E/b", "/a\\b", "/a\\..\\b", "/.%2e/x"])(
  "%s, which a URL would make another path, is refused unless it may collapse [S15 X2]",
  (raw_path) => {
    expect(requestUrl(scopeOf({ raw_path }), RULES)).toBeNull();
    const collapsed = requestUrl(scopeOf({ raw_path }), { ...RULES, dotSegments: "collapse" });
    expect(collapsed).toBe(new URL(raw_path, "http://example.org").href);
  },
);

const STRANGE = [
  "good.com@evil.com",
  "a/b",
  "a?b",
  "a#b",
  "a b",
  "a,b",
  "a\\b",
  "a:b",
  "a:80:90",
  "a:123456",
  "a:99999",
  "[::1",
  "[evil]",
  "<a>",
  "%2f",
  "a%40b",
  "\u00e9",
  "1.2.3.256",
];

test.each(STRANGE)("the Host %j makes no URL [S7]", (host) => {
  const url = requestUrl(scopeOf({ headers: [["host", host]], raw_path: "/p" }), RULES);
  if (url === null) return;
  // What is let through names one host, and nothing but a host.
  const { username, password, pathname, search, hash } = new URL(url);
  expect([username, password, pathname, search, hash]).toEqual(["", "", "/p", "", ""]);
  expect(["a,b"]).toContain(host);
});

test.each([
  ["EXAMPLE.org:8080", "http", "http://example.org:8080/"],
  ["example.org:80", "http", "http://example.org/"],
  ["example.org:443", "https", "https://example.org/"],
  ["[::1]:3000", "http", "http://[::1]:3000/"],
  ["127.0.0.1:3000", "http", "http://127.0.0.1:3000/"],
  ["", "http", "http://localhost/"],
] as const)("the Host %j over %s is %s [A17]", (host, scheme, url) => {
  expect(requestUrl(scopeOf({ scheme, headers: [["host", host]] }), RULES)).toBe(url);
});

test("without a Host the server's address is the host [X11]", () => {
  const at = (server: HttpScopeInit["server"]): string | null =>
    requestUrl(scopeOf({ headers: [], server }), RULES);
  expect(at(["10.0.0.1", 8080])).toBe("http://10.0.0.1:8080/");
  expect(at(["::1", 8080])).toBe("http://[::1]:8080/");
  expect(at(["/run/socket", null])).toBe("http://localhost/");
  expect(at(null)).toBe("http://localhost/");
});

test("a thousand hosts are forgotten again, and still told apart [S7 S13]", () => {
  for (let i = 0; i < 1000; i += 1) {
    expect(requestUrl(scopeOf({ headers: [["host", `h${i}`]] }), RULES)).toBe(`http://h${i}/`);
  }
});

test.each([
  ["/api/x", "/api", "/x"],
  ["/api", "/api", "/"],
  ["/api/", "/api", "/"],
  ["/apix", "/api", "/apix"],
  ["/x", "/api", "/x"],
  ["/caf%C3%A9/%2F", "/caf\u00e9", "/%2F"],
  ["/%61pi/x", "/api", "/x"],
  ["/a%2Fb/c", "/a/b", "/c"],
])("%s below %s is %s [X5]", (raw, root, below) => {
  expect(pathBelow(raw, root)).toBe(below);
});

test("a mounted handler sees the path below its prefix, or the whole, as it wishes [A21 X5]", async () => {
  const shown = async (mountedUrl: "below" | "full"): Promise<string> => {
    const app = mount(
      "/api",
      fromFetch(({ url }) => new Response(new URL(url).pathname), { mountedUrl }),
    );
    return (await createTestClient(app).get("/api/x")).text();
  };
  expect([await shown("below"), await shown("full")]).toEqual(["/x", "/api/x"]);
});

test("a strange Host is a 400, and the handler is not called [S7]", async () => {
  let calls = 0;
  const client = createTestClient(
    fromFetch(() => {
      calls += 1;
      return new Response();
    }),
  );
  for (const host of ["good.com@evil.com", "a/b", "a?b", "a#b"]) {
    const response = await client.get("/", { headers: { host } });
    expect([response.status, response.text()]).toEqual([400, "Bad Request"]);
  }
  expect(calls).toBe(0);
});

test.each(["TRACE", "CONNECT", "TRACK"])("%s, which a Request refuses, is a 501 [A16 X1]", async (method) => {
  const app = fromFetch(() => new Response("never"));
  const plain = createTestClient((scope, receive, send) => app(scope, receive, send));
  for (const client of [createTestClient(app), plain]) {
    const response = await client.request(method, "/");
    expect([response.status, response.text()]).toEqual([501, "Not Implemented"]);
  }
});
