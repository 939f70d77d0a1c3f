// Parameters that are read for a scope alone: what is read, and what is left to others. What comes out is in quick-scope.test.ts.

import { expect, test } from "vitest";
import { decodePairs, encodePair } from "./pairs.ts";
import { QuickParams, readQuickly } from "./quick-params.ts";

type Pairs = readonly (readonly [name: string, value: string])[];

const USUAL: Pairs = [
  ["SCRIPT_NAME", "/app"],
  ["PATH_INFO", "/a b"],
  ["REQUEST_METHOD", "GET"],
  ["REQUEST_URI", "/app/a%20b?q"],
  ["QUERY_STRING", "q"],
  ["SERVER_PROTOCOL", "HTTP/1.1"],
  ["HTTP_HOST", "a.example"],
  ["HTTP_X_LONG", "x".repeat(200)],
  ["REMOTE_USER", "me"],
];

const octetsOf = (pairs: Pairs): string => pairs.map(([name, value]) => encodePair(name, value)).join("");

/** Reads octets that stand somewhere in a piece of memory. */
function read(octets: string, maxParams: number = Infinity): QuickParams | null {
  const bytes = Buffer.from(`<${octets}\x01\x01xy`, "latin1");
  return readQuickly(bytes, 1, octets, maxParams);
}

const quick = (pairs: Pairs): QuickParams | null => read(octetsOf(pairs));

/** What is known of parameters whose names and values these are. */
function expected(pairs: Pairs): object {
  const headers = pairs
    .filter(([name]) => name.startsWith("HTTP_"))
    .map(([name, value]) => [name.slice(5).toLowerCase().replaceAll("_", "-"), value]);
  return { ...Object.fromEntries(pairs.filter(([name]) => name in new QuickParams(""))), headers };
}

test("the usual parameters are read, whatever came before, in whatever order [F29 F70]", () => {
  const X: Pairs[0] = ["HTTP_X", "1"];
  for (const pairs of [
    USUAL,
    USUAL.toReversed(),
    USUAL.slice(1),
    [...USUAL, X],
    [X, ...USUAL],
    [...USUAL.slice(0, 4), X, ...USUAL.slice(4)],
    USUAL,
  ]) {
    expect(quick(pairs)).toMatchObject(expected(pairs));
  }
});

test("names that are no variables are passed over [X33 S3]", () => {
  const odd: Pairs = [
    ["__proto__", "a"],
    ["", "b"],
    ["wsgi.input", "c"],
    ["HTTP_A.B", "d"],
    ["HTTP_PROXY", "e"],
    ["constructor", "f"],
  ];
  const params = quick([...odd, ...USUAL]);
  expect(params).toMatchObject(expected(USUAL));
  expect(params?.beyondScope()).toEqual(["__proto__", "a", "constructor", "f", "REMOTE_USER", "me"]);
});

const UNUSUAL: [name: string, pairs: Pairs][] = [
  ["a name twice", [...USUAL, ["HTTP_HOST", "b"]]],
  ["an unknown name twice", [...USUAL, ["X_1", ""], ["X_1", ""]]],
  ["no method", USUAL.filter(([name]) => name !== "REQUEST_METHOD")],
  ["no protocol", USUAL.filter(([name]) => name !== "SERVER_PROTOCOL")],
  ["a method that is none", [["REQUEST_METHOD", "G T"], ...USUAL.slice(3)]],
  ["a protocol that is none", [["SERVER_PROTOCOL", "GOPHER"], ...USUAL.slice(0, 5)]],
  ["a coding", [...USUAL, ["HTTP_TRANSFER_ENCODING", "chunked"]]],
  ["an unknown length", [...USUAL, ["CONTENT_LENGTH", "-1"]]],
  ["another Authorization", [...USUAL, ["Authorization", "Basic x"]]],
  ["a long name", [...USUAL, [`HTTP_${"X".repeat(123)}`, ""]]],
  ["a NUL", [...USUAL, ["A", "\0"]]],
];

test.each(UNUSUAL)("parameters with %s are left to others [F24 F29 X33]", (_name, pairs) => {
  expect(quick(USUAL)).not.toBeNull();
  expect(quick(pairs)).toBeNull();
});

test("whatever is broken off or changed, only what is right is read [F27 S13]", () => {
  const octets = octetsOf(USUAL);
  let count = 0;
  for (let at = 0; at < octets.length; at += 1) {
    const others = ["\0", "\x01", "\x7f", "\x80", "\xff"];
    const changed = others.map((octet) => octets.slice(0, at) + octet + octets.slice(at + 1));
    for (const next of [octets.slice(0, at), octets.slice(at), ...changed]) {
      if (read(next) === null) continue;
      count += 1;
      expect(octetsOf(pairsOf(decodePairs(next)))).toBe(next);
    }
  }
  expect(count).toBeGreaterThan(100);
});

function pairsOf(flat: readonly string[]): Pairs {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] as string] as const] : []));
}

test("so many parameters are read, and not one more [F28 S8]", () => {
  expect(read(octetsOf(USUAL), USUAL.length)).not.toBeNull();
  expect(read(octetsOf(USUAL), USUAL.length - 1)).toBeNull();
});

test("names without end are forgotten, and what comes then is read as before [S8]", () => {
  let forgotten = 0;
  for (let i = 0; i < 3_000; i += 1) {
    const params = quick([...USUAL, [`HTTP_Y_${i}`, String(i)]]);
    if (params === null) forgotten += 1;
    else expect(params.headers.at(-1)).toEqual([`y-${i}`, String(i)]);
  }
  expect(forgotten).toBeGreaterThan(0);
  expect(forgotten).toBeLessThan(10);
  expect(quick(USUAL)).toMatchObject(expected(USUAL));
});
