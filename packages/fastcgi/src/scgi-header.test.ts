// The header of an SCGI request, byte for byte. The first is the example of the specification.
// Source: SCGI, https://python.ca/scgi/protocol.txt

import { describe, expect, test } from "vitest";
import { latin1Encode } from "@tsgi/core";
import { netstringOf, scgiVariables } from "./scgi-header.ts";

const EXAMPLE =
  "70:CONTENT_LENGTH\x0027\0SCGI\x001\0REQUEST_METHOD\0POST\0REQUEST_URI\0/deepthought\0,What is the answer to life?";

function netstring(text: string, most: number = 100): ReturnType<typeof netstringOf> {
  return netstringOf(latin1Encode(text), most);
}

test("the example of the specification is read, with its body behind it", () => {
  const [start, size] = netstring(EXAMPLE) as [number, number];
  expect(scgiVariables(EXAMPLE.slice(start, start + size), 4)).toEqual({
    CONTENT_LENGTH: "27",
    SCGI: "1",
    REQUEST_METHOD: "POST",
    REQUEST_URI: "/deepthought",
  });
  expect(EXAMPLE.slice(start + size + 1)).toBe("What is the answer to life?");
});

test("a part of a netstring is no netstring yet, wherever it was cut", () => {
  const whole = EXAMPLE.slice(0, EXAMPLE.indexOf(",") + 1);
  for (let length = 0; length < whole.length; length += 1) {
    expect(netstring(whole.slice(0, length))).toBeNull();
  }
  expect(netstring(whole)).toEqual([3, 70]);
});

test.each(["GET / HTTP/1.1", "01:a,", "0:,", ":a,", "-1:a,", "1 :a,", "1:ab", "\x01\x01\0\x01"])(
  "%j begins no request",
  (text) => {
    expect(() => netstring(text)).toThrow(expect.objectContaining({ code: "TSGI_ERR_SCGI_HEADER" }));
  },
);

test("a netstring may be as long as the limit, and one octet more is refused by its length alone [S10]", () => {
  expect(netstring("9:123456789,", 9)).toEqual([2, 9]);
  const tooLarge = expect.objectContaining({ code: "TSGI_ERR_SCGI_TOO_LARGE" });
  expect(() => netstring("10", 9)).toThrow(tooLarge);
  expect(() => netstring("9".repeat(400), 2 ** 40)).toThrow(tooLarge);
});

describe("variables", () => {
  const BASE = "CONTENT_LENGTH\x000\0SCGI\x001\0";

  test("may be as many as the limit, and one more is refused", () => {
    expect(scgiVariables(`${BASE}A\0a\0`, 3)).toEqual({ CONTENT_LENGTH: "0", SCGI: "1", A: "a" });
    expect(() => scgiVariables(`${BASE}A\0a\0`, 2)).toThrow(
      expect.objectContaining({ code: "TSGI_ERR_SCGI_TOO_LARGE" }),
    );
  });

  test("of a header that came twice are one, and a second CONTENT_LENGTH changes nothing", () => {
    const octets = `${BASE}HTTP_X\0a\0HTTP_X\0b\0CONTENT_LENGTH\x005\0`;
    expect(scgiVariables(octets, 9)).toEqual({ CONTENT_LENGTH: "0", SCGI: "1", HTTP_X: "a, b" });
  });

  test("called like members of every object are variables [S3]", () => {
    const meta = scgiVariables(`${BASE}__proto__\0x\0constructor\0y\0`, 9);
    expect(Object.entries(meta).slice(2)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(Object.getPrototypeOf(meta)).toBeNull();
  });

  test.each([
    ["nothing", ""],
    ["no NUL at the end", "CONTENT_LENGTH\x000\0SCGI\x001"],
    ["a name without a value", `${BASE}A\0`],
    ["an empty name", `${BASE}\0a\0`],
    ["CONTENT_LENGTH later", "SCGI\x001\0CONTENT_LENGTH\x000\0"],
    ["no SCGI", "CONTENT_LENGTH\x000\0"],
    ["another SCGI", "CONTENT_LENGTH\x000\0SCGI\x002\0"],
  ])("with %s are refused", (_what, octets) => {
    expect(() => scgiVariables(octets, 9)).toThrow(expect.objectContaining({ code: "TSGI_ERR_SCGI_HEADER" }));
  });
});
