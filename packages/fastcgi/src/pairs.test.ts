// Name-value pairs, in both directions.

import { describe, expect, test } from "vitest";
import { decodePairs, encodeLength, encodePair } from "./pairs.ts";

const octets = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0));
const binary = (...bytes: number[]): string => String.fromCharCode(...bytes);

const LENGTHS: [value: number, bytes: number[]][] = [
  [0, [0x00]],
  [1, [0x01]],
  [127, [0x7f]],
  [128, [0x80, 0x00, 0x00, 0x80]],
  [1000, [0x80, 0x00, 0x03, 0xe8]],
  [33_554_431, [0x81, 0xff, 0xff, 0xff]],
  [2_147_483_647, [0xff, 0xff, 0xff, 0xff]],
];

test.each(LENGTHS)("the length %i is written as these octets [F23]", (value, bytes) => {
  expect(octets(encodeLength(value))).toEqual(bytes);
});

test.each(LENGTHS.filter(([value]) => value < 2_000))(
  "a value of %i octets is read again [F23]",
  (length, bytes) => {
    const value = "v".repeat(length);
    expect(decodePairs(binary(1, ...bytes) + "n" + value)).toEqual(["n", value]);
  },
);

test.each(LENGTHS.filter(([value]) => value > 2_000))(
  "a length of %i is read, and not believed when there is less [F23 F27]",
  (_length, bytes) => {
    expect(() => decodePairs(binary(1, ...bytes) + "n")).toThrow(/longer than what there is/);
  },
);

test("a length above 31 bits has no encoding [F23]", () => {
  expect(() => encodeLength(2 ** 31)).toThrow(expect.objectContaining({ code: "TSGI_ERR_FASTCGI_PAIRS" }));
});

const PAIRS: [name: string, bytes: number[], pair: [string, string]][] = [
  ["short name, short value", [1, 1, 0x61, 0x62], ["a", "b"]],
  ["short name, long form of a small value", [1, 0x80, 0, 0, 1, 0x61, 0x62], ["a", "b"]],
  ["long form of a small name, short value", [0x80, 0, 0, 1, 1, 0x61, 0x62], ["a", "b"]],
  ["both in long form", [0x80, 0, 0, 1, 0x80, 0, 0, 1, 0x61, 0x62], ["a", "b"]],
  ["an empty value", [1, 0, 0x61], ["a", ""]],
  ["an empty name", [0, 1, 0x62], ["", "b"]],
  ["nothing at all", [0, 0], ["", ""]],
  ["octets above 0x7F and an equals sign", [3, 2, 0x3d, 0x80, 0xff, 0xe9, 0x3d], ["=\x80\xff", "\xe9="]],
];

test.each(PAIRS)("a pair with %s is read [F24]", (_name, bytes, pair) => {
  expect(decodePairs(binary(...bytes))).toEqual(pair);
});

const SIZES = [0, 1, 126, 127, 128, 129, 255, 256, 65_535];

describe("a pair is the same after it was written and read", () => {
  for (const nameLength of SIZES) {
    test.each(SIZES)(`a name of ${nameLength} octets, a value of %i [F23 F24]`, (valueLength) => {
      const [name, value] = ["\xc3".repeat(nameLength), "=".repeat(valueLength)];
      const pair = encodePair(name, value);
      expect(decodePairs(pair + pair)).toEqual([name, value, name, value]);
    });
  }
});

const MALFORMED: [name: string, bytes: number[]][] = [
  ["a name's length alone", [1]],
  ["three of the four octets of a name's length", [0x80, 0, 0]],
  ["three of the four octets of a value's length", [1, 0x80, 0, 0]],
  ["a name that runs past the end", [2, 0, 0x61]],
  ["a value that runs past the end", [1, 2, 0x61, 0x62]],
  ["the longest name there can be, of which nothing is there", [0xff, 0xff, 0xff, 0xff, 0]],
  ["lengths whose sum does not fit into 31 bits", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x61]],
  ["a NUL in a name", [1, 1, 0x00, 0x62]],
  ["a NUL in a value", [1, 2, 0x61, 0x62, 0x00]],
  ["a NUL in the second of two", [1, 0, 0x61, 1, 1, 0x61, 0x00]],
];

test.each(MALFORMED)("%s is malformed [F24 F27 S13]", (_name, bytes) => {
  expect(() => decodePairs(binary(...bytes))).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_FASTCGI_PAIRS" }),
  );
});

test("so many pairs are read, and one more is refused [F28]", () => {
  const pairs = encodePair("a", "b").repeat(3);
  expect(decodePairs(pairs, 3)).toHaveLength(6);
  expect(() => decodePairs(pairs, 2)).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_FASTCGI_TOO_MANY_PAIRS" }),
  );
});
