// How meta-variables are collected, and what they say of the body. Source: RFC 3875 §4.1.

import { expect, test } from "vitest";
import { GatewayError } from "@tsgi/core";
import { addMetaVariable, bodyLengthOf, metaVariables, type MetaVariables } from "./meta-variables.ts";

function collected(...pairs: [name: string, value: string][]): MetaVariables {
  const meta = metaVariables();
  for (const [name, value] of pairs) addMetaVariable(meta, name, value);
  return meta;
}

test("a header that comes again is joined, cookies by a semicolon, and of another variable the last counts [F29 X12 X17]", () => {
  const meta = collected(
    ["HTTP_X_FOO", "a"],
    ["HTTP_COOKIE", "a=1"],
    ["SCRIPT_NAME", "/first"],
    ["HTTP_X_FOO", "b"],
    ["HTTP_COOKIE", "b=2"],
    ["SCRIPT_NAME", "/last"],
    ["HTTP_X_FOO", "a"],
  );
  expect({ ...meta }).toEqual({ HTTP_X_FOO: "a, b, a", HTTP_COOKIE: "a=1; b=2", SCRIPT_NAME: "/last" });
  expect(Object.keys(meta)).toEqual(["HTTP_X_FOO", "HTTP_COOKIE", "SCRIPT_NAME"]);
});

test("a host that comes again is not joined, the last counts: Debian's nginx sets it already [F29]", () => {
  const meta = collected(["HTTP_HOST", "127.0.0.1"], ["HTTP_HOST", "127.0.0.1:8080"]);
  expect({ ...meta }).toEqual({ HTTP_HOST: "127.0.0.1:8080" });
});

test.each(["wsgi.input", "asgi.scope", "tsgi.after_response", "a.b", "", "HTTP_PROXY"])(
  "%j from a web server is left out [X33 S1 S3]",
  (name) => {
    expect(Object.keys(collected([name, "evil"]))).toEqual([]);
  },
);

test("names of Object.prototype are names like any other [S3]", () => {
  const meta = collected(
    ["__proto__", "a"],
    ["constructor", "b"],
    ["HTTP___PROTO__", "c"],
    ["toString", "d"],
  );
  expect(Object.getPrototypeOf(meta)).toBeNull();
  expect(Object.entries(meta)).toEqual([
    ["__proto__", "a"],
    ["constructor", "b"],
    ["HTTP___PROTO__", "c"],
    ["toString", "d"],
  ]);
  expect(Object.keys({})).toEqual([]);
});

const LENGTHS: [variables: [string, string][], length: number][] = [
  [[], 0],
  [[["CONTENT_LENGTH", ""]], 0],
  [[["CONTENT_LENGTH", "0"]], 0],
  [[["CONTENT_LENGTH", "5"]], 5],
  [[["CONTENT_LENGTH", "007"]], 7],
  [[["CONTENT_LENGTH", "-1"]], -1],
  [[["CONTENT_LENGTH", String(2 ** 53 - 1)]], 2 ** 53 - 1],
  [[["HTTP_TRANSFER_ENCODING", "chunked"]], -1],
  [
    [
      ["CONTENT_LENGTH", ""],
      ["HTTP_TRANSFER_ENCODING", "chunked"],
    ],
    -1,
  ],
  // nginx has counted it.
  [
    [
      ["CONTENT_LENGTH", "5"],
      ["HTTP_TRANSFER_ENCODING", "chunked"],
    ],
    5,
  ],
  [[["HTTP_CONTENT_LENGTH", "9"]], 0],
];

test.each(LENGTHS)(
  "%j: the body has %i bytes, 0 for none and -1 for unknown [C5 C8 F35]",
  (pairs, length) => {
    expect(bodyLengthOf(collected(...pairs))).toBe(length);
  },
);

const MALFORMED = [
  "+5",
  "5 5",
  " 5",
  "5 ",
  "0x5",
  "-0",
  "-2",
  "5,5",
  "5.0",
  "1e3",
  "abc",
  "\u0665",
  String(2 ** 53),
  "9".repeat(400),
];

test.each(MALFORMED)("CONTENT_LENGTH %j is refused [C5]", (value) => {
  expect(() => bodyLengthOf(collected(["CONTENT_LENGTH", value]))).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_META_VARIABLE" }) as GatewayError,
  );
});
