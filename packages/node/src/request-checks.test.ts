import { expect, test } from "vitest";
import { isHost, refusalOf, refusalOfTarget, requestRules, type RequestLine } from "./request-checks.ts";

const rules = requestRules({}, Infinity);

function request(changes: Partial<RequestLine> = {}): RequestLine {
  return { httpVersion: "1.1", method: "GET", url: "/", rawHeaders: ["Host", "a"], ...changes };
}

/** A Host, and other headers to make up the number. */
function lines(count: number): RequestLine {
  return request({ rawHeaders: ["Host", "a", ...Array.from({ length: 2 * (count - 1) }, () => "x")] });
}

function bodyOf(length: string): RequestLine {
  return request({ rawHeaders: ["Host", "a", "CONTENT-Length", length] });
}

test.each([
  "a",
  "example.com",
  "EXAMPLE.com:8080",
  "example.com:",
  "127.0.0.1:1",
  "[::1]",
  "[::1]:443",
  "[v1.a:b]",
  "a_b-c~d!$&'()*+,;=%20",
  "",
])("%j is a Host [S7]", (host) => expect(isHost(host)).toBe(true));

test.each([
  "a b",
  "a/b",
  "a\\b",
  "a?b",
  "a#b",
  "user@host",
  "a:b",
  "a:1:2",
  "a:123456",
  ":80",
  "[::1",
  "::1",
  "[::1]x",
  "a[::1]",
  "<x>",
  'a"',
  "a\tb",
  "a\x00",
  "\xe9.example",
  "a,\u2024",
])("%j is not a Host [S7]", (host) => expect(isHost(host)).toBe(false));

test.each([
  ["GET", "/", 0],
  ["GET", "//a//b", 0],
  ["GET", "/?x", 0],
  ["GET", "http://h/p?q", 0],
  ["GET", "HTTPS://h", 0],
  ["OPTIONS", "*", 0],
  ["GET", "*", 400],
  ["GET", "*x", 400],
  ["OPTIONS", "*x", 400],
  ["GET", "", 400],
  ["GET", "foo/bar", 400],
  ["GET", "?x", 400],
  ["GET", "host:443", 400],
  ["GET", "http://", 400],
  ["GET", "http:///p", 400],
  ["GET", "ftp://h/p", 400],
  ["CONNECT", "host:443", 501],
  ["CONNECT", "/", 501],
])("%s %j is answered by %i (0: by the app) [S5 X3]", (method, target, status) =>
  expect(refusalOfTarget(method, target, 8192)).toBe(status),
);

test("a target may be as long as the limit and not a byte longer [S8]", () => {
  const limited = requestRules({ maxUrlLength: 10 }, Infinity);
  expect(refusalOf(request({ url: `/${"a".repeat(9)}` }), limited)).toBe(0);
  expect(refusalOf(request({ url: `/${"a".repeat(10)}` }), limited)).toBe(414);
});

test("a target may be 8 KiB by default [S8]", () => {
  expect(refusalOf(request({ url: `/${"a".repeat(8191)}` }), rules)).toBe(0);
  expect(refusalOf(request({ url: `/${"a".repeat(8192)}` }), rules)).toBe(414);
});

test("a request may have as many headers as the limit and not one more [S8]", () => {
  const limited = requestRules({ maxHeadersCount: 3 }, Infinity);
  expect(refusalOf(lines(3), limited)).toBe(0);
  expect(refusalOf(lines(4), limited)).toBe(431);
  expect(refusalOf(lines(200), rules)).toBe(0);
  expect(refusalOf(lines(201), rules)).toBe(431);
});

test("an announced body may be as long as the limit and not a byte longer [S8]", () => {
  const limited = requestRules({}, 5);
  expect(refusalOf(bodyOf("5"), limited)).toBe(0);
  expect(refusalOf(bodyOf("6"), limited)).toBe(413);
});

test("a second Host is refused, whatever its case and value [S7]", () => {
  expect(refusalOf(request({ rawHeaders: ["Host", "a", "hOST", "a"] }), rules)).toBe(400);
});

test("a second Content-Type is refused [X16]", () => {
  const rawHeaders = ["Host", "a", "Content-Type", "text/plain"];
  expect(refusalOf(request({ rawHeaders }), rules)).toBe(0);
  expect(refusalOf(request({ rawHeaders: [...rawHeaders, "content-type", "text/plain"] }), rules)).toBe(400);
});

test("HTTP/1.1 needs a Host, and HTTP/1.0 does not [S7]", () => {
  expect(refusalOf(request({ rawHeaders: [] }), rules)).toBe(400);
  expect(refusalOf(request({ httpVersion: "1.0", rawHeaders: [] }), rules)).toBe(0);
});

test("a garbage Host is refused [S7]", () => {
  expect(refusalOf(request({ rawHeaders: ["host", "a b"] }), rules)).toBe(400);
});

test.each([
  ["0.9", 505],
  ["1.0", 0],
  ["1.1", 0],
  ["2.0", 505],
  ["1.2", 505],
])("HTTP/%s is answered by %i (0: by the app) [S5]", (httpVersion, status) =>
  expect(refusalOf(request({ httpVersion }), rules)).toBe(status),
);

test.each([
  ["chunked", 0],
  ["Chunked", 0],
  ["identity", 501],
  ["identity, chunked", 501],
  ["chunked, identity", 501],
  ["gzip, chunked", 501],
  ["chunked, chunked", 501],
  ["\vchunked", 501],
])("a body encoded as %j is answered by %i (0: by the app) [S5]", (coding, status) =>
  expect(refusalOf(request({ rawHeaders: ["Host", "a", "Transfer-Encoding", coding] }), rules)).toBe(status),
);

test("Transfer-Encoding is refused twice, and on HTTP/1.0 [S5]", () => {
  const once = ["Transfer-Encoding", "chunked"];
  expect(refusalOf(request({ rawHeaders: [...once, ...once] }), rules)).toBe(400);
  expect(refusalOf(request({ httpVersion: "1.0", rawHeaders: once }), rules)).toBe(400);
});

test("with server names a request for another host is misdirected, and one without a host too [S7]", () => {
  const named = requestRules({ serverNames: ["Example.com", "[::1]"] }, Infinity);
  const host = (value: string): RequestLine => request({ rawHeaders: ["Host", value] });
  expect(refusalOf(host("EXAMPLE.COM:80"), named)).toBe(0);
  expect(refusalOf(host("[::1]:80"), named)).toBe(0);
  expect(refusalOf(host("[::1]"), named)).toBe(0);
  expect(refusalOf(host("example.org"), named)).toBe(421);
  expect(refusalOf(request({ httpVersion: "1.0", rawHeaders: [] }), named)).toBe(421);
});

test.each([0, -1, 1.5, Number.NaN])("a limit of %d is refused [S8]", (value) => {
  expect(() => requestRules({ maxUrlLength: value }, Infinity)).toThrow(/maxUrlLength/);
  expect(() => requestRules({ maxHeadersCount: value }, Infinity)).toThrow(/maxHeadersCount/);
});
