// What startResponse accepts.
// Source: PEP 3333 "The start_response() Callable", "Other HTTP Features".

import { expect, test } from "vitest";
import type { WsgiHeader } from "./pep3333.ts";
import { headerList, wsgiHead } from "./wsgi-head.ts";

function make(status: string | number, headers: readonly WsgiHeader[] = []): ReturnType<typeof wsgiHead> {
  return wsgiHead(status, headers, { log() {} });
}

const STATUSES: [status: string | number, code: number, reason: string | null][] = [
  ["200 OK", 200, null],
  ["404 Not Found", 404, null],
  ["404 Gone Fishing", 404, "Gone Fishing"],
  ["200 ", 200, ""],
  ["799 ", 799, null],
  ["599 Custom", 599, "Custom"],
  ["200 Gr\xfc\xdfe", 200, "Gr\xfc\xdfe"],
  [200, 200, null],
  [299, 299, null],
];

test.each(STATUSES)("the status %j is %i with the reason %j [W30 X20]", (status, code, reason) => {
  // Twice: the second time it is remembered.
  expect(make(status)).toMatchObject({ status: code, reason });
  expect(make(status)).toMatchObject({ status: code, reason });
});

const WRONG_STATUSES = [
  "200",
  "20X OK",
  "200OK",
  "2000 OK",
  " 200 OK",
  "200 OK\r\n",
  "200 O\nK",
  "200 O\0K",
  "200 O\tK",
  "200 O\x7fK",
  "200 \u3042",
  "099 No",
  "100 Continue",
  "",
  99,
  150,
  1000,
  200.5,
  Number.NaN,
  undefined,
  null,
  ["200 OK"],
];

test.each(WRONG_STATUSES)("the status %j is refused [W30 S4]", (status) => {
  expect(() => make(status as never)).toThrow(expect.objectContaining({ code: "TSGI_ERR_STATUS" }));
});

const WRONG_HEADERS: unknown[] = [
  ["", "v"],
  ["x y", "v"],
  ["x:", "v"],
  [":path", "v"],
  ["x\r\ny", "v"],
  ["x\0", "v"],
  ["x\xe9", "v"],
  ["x", "a\r\nb"],
  ["x", "a\nb"],
  ["x", "a\rb"],
  ["x", "a\0b"],
  ["x", "a\x7fb"],
  ["x", "a\x1bb"],
  ["x", "\u3042"],
  ["x", 1],
  [1, "v"],
  ["x"],
  null,
  "x",
];

test.each(WRONG_HEADERS)("the header %j is refused [W31 S4 X18]", (header) => {
  expect(() => make("200 OK", [header as WsgiHeader])).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_HEADER" }),
  );
});

test("a tab and octets above 0x7F may stand in a value [W31 X18]", () => {
  expect(make("200 OK", [["x", "a\tb\xe9"]]).headers).toEqual(["x", "a\tb\xe9"]);
});

test.each([undefined, null, 7, "x: y", {}])("headers that are %j are refused [W31]", (headers) => {
  expect(() => headerList(headers as never)).toThrow(expect.objectContaining({ code: "TSGI_ERR_HEADER" }));
});

test("any iterable of pairs is taken, and an array as it is [W31]", () => {
  const pairs: WsgiHeader[] = [["a", "1"]];
  expect(headerList(pairs)).toBe(pairs);
  expect(headerList(new Map([["a", "1"]]))).toEqual(pairs);
});

test.each(["Status", "status", "STATUS"])("a header named %s is refused [W32]", (name) => {
  expect(() =>
    make("200 OK", [
      ["x", "y"],
      [name, "404"],
    ]),
  ).toThrow(expect.objectContaining({ code: "TSGI_ERR_HEADER" }));
});

const HOP_BY_HOP = [
  "Connection",
  "Keep-Alive",
  "Proxy-Authenticate",
  "Proxy-Authorization",
  "TE",
  "Trailer",
  "Trailers",
  "Transfer-Encoding",
  "Upgrade",
];

test.each(HOP_BY_HOP)("the hop-by-hop header %s is left out, with a warning that names it [W33]", (name) => {
  const warnings: string[] = [];
  const log = (_level: string, message: string): void => void warnings.push(message);
  const head = wsgiHead(
    "200 OK",
    [
      ["a", "1"],
      [name, "close"],
      ["b", "2"],
    ],
    { log },
  );
  expect(head.headers).toEqual(["a", "1", "b", "2"]);
  expect(head.close).toBe(false);
  expect(warnings).toEqual([expect.stringContaining(name)]);
});

test("order, case and repetitions are kept [W34 X17 X19]", () => {
  const cookies: WsgiHeader[] = [
    ["Set-Cookie", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
    ["X-B", "1"],
    ["Set-Cookie", "b=2"],
    ["x-a", "2"],
    ["X-B", "3"],
  ];
  expect(make("200 OK", cookies).headers).toEqual(cookies.flat());
});

test("a 204 has no Content-Length, and a 304 without headers gains none [W47]", () => {
  expect(make("204 No Content", [["Content-Length", "0"]]).headers).toEqual([]);
  expect(make("304 Not Modified").headers).toEqual([]);
});
