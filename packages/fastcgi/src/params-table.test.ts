// Parameters that are read as those of the request before, and the same as if they were not.

import { latin1Encode } from "@tsgi/core";
import { expect, test } from "vitest";
import { ParamsReader } from "./params-table.ts";
import { decodePairs, encodePair } from "./pairs.ts";

type Pairs = readonly (readonly [string, string])[];

const octetsOf = (pairs: Pairs): string => pairs.map(([name, value]) => encodePair(name, value)).join("");

/** What a reader makes of a stream that stands somewhere in a piece of memory. */
function read(reader: ParamsReader, octets: string): (readonly [string, string])[] {
  const bytes = latin1Encode(`<${octets}>`);
  const { names, values } = reader.read(bytes, 1, bytes.length - 1, 1_000);
  return values.map((value, i) => [names.names[i] as string, value]);
}

const FIRST: Pairs = [
  ["A", "1"],
  ["LONGER_NAME", "a value"],
  ["EMPTY", ""],
  ["B", "x".repeat(200)],
  ["LAST", "z"],
];

const NEXT: [name: string, pairs: Pairs][] = [
  ["the same", FIRST],
  ["another first value", [["A", "2"], ...FIRST.slice(1)]],
  ["a longer first value", [["A", "22"], ...FIRST.slice(1)]],
  ["no first value", [["A", ""], ...FIRST.slice(1)]],
  ["another last value", [...FIRST.slice(0, 4), ["LAST", "y"]]],
  ["a longer last value", [...FIRST.slice(0, 4), ["LAST", "zz"]]],
  ["no last value", [...FIRST.slice(0, 4), ["LAST", ""]]],
  ["a value that becomes long", [...FIRST.slice(0, 4), ["LAST", "z".repeat(128)]]],
  ["a value that becomes short", [...FIRST.slice(0, 3), ["B", "x"], ["LAST", "z"]]],
  ["a long value of another length", [...FIRST.slice(0, 3), ["B", "x".repeat(201)], ["LAST", "z"]]],
  ["all values others", FIRST.map(([name], i) => [name, String(i).repeat(i * 40)])],
  ["another name of the same length", [["C", "1"], ...FIRST.slice(1)]],
  ["a longer name", [["AA", "1"], ...FIRST.slice(1)]],
  ["one pair more", [...FIRST, ["MORE", "m"]]],
  ["one pair more in the middle", [...FIRST.slice(0, 2), ["MORE", "m"], ...FIRST.slice(2)]],
  ["one pair less", FIRST.slice(0, 4)],
  ["one pair less at the beginning", FIRST.slice(1)],
  ["another order", FIRST.toReversed()],
  ["nothing", []],
  ["a value that looks like the next pair", [["A", encodePair("LONGER_NAME", "a value")], ...FIRST.slice(1)]],
  ["a long name", [["N".repeat(200), "1"], ...FIRST]],
];

test.each(NEXT)("after others, parameters with %s are what they are [F25 F70]", (_name, pairs) => {
  const reader = new ParamsReader();
  for (const each of [FIRST, pairs, pairs, FIRST, pairs]) expect(read(reader, octetsOf(each))).toEqual(each);
});

test("values of a request do not change with the next one [S27]", () => {
  const reader = new ParamsReader();
  const bytes = latin1Encode(octetsOf(FIRST));
  const table = reader.read(bytes, 0, bytes.length, 1_000);
  const before = table.values.slice();
  read(reader, octetsOf([["A", "2"], ...FIRST.slice(1)]));
  expect(table.values).toEqual(before);
});

test("lengths in their long form are read, time after time [F23 F24]", () => {
  const reader = new ParamsReader();
  const octets = "\x80\0\0\x01\x80\0\0\x01ab\x01\x80\0\0\x02cde";
  for (let i = 0; i < 3; i += 1)
    expect(read(reader, octets)).toEqual([
      ["a", "b"],
      ["c", "de"],
    ]);
});

test("whatever is broken off or changed, the result, or the error, is that of reading afresh [F27 S13]", () => {
  const octets = octetsOf(FIRST);
  for (let at = 0; at < octets.length; at += 1) {
    for (const next of [
      octets.slice(0, at),
      octets.slice(at),
      ...["\0", "\x01", "\x7f", "\x80", "\xff"].map(
        (octet) => octets.slice(0, at) + octet + octets.slice(at + 1),
      ),
    ]) {
      const reader = new ParamsReader();
      read(reader, octets);
      expect(outcome(() => read(reader, next).flat())).toEqual(outcome(() => decodePairs(next)));
      expect(read(reader, octets)).toEqual(FIRST);
    }
  }
});

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).message;
  }
}
