import { describe, expect, test } from "vitest";
import { CaseFailure, equal, matches, ok, quoted, rejects, same, show, throws } from "./check.ts";

const EQUAL: [unknown, unknown][] = [
  [1, 1],
  [Number.NaN, Number.NaN],
  ["a", "a"],
  [
    [1, [2]],
    [1, [2]],
  ],
  [
    { a: 1, b: { c: null } },
    { b: { c: null }, a: 1 },
  ],
  [Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
];

const DIFFERENT: [unknown, unknown][] = [
  [1, "1"],
  [null, undefined],
  [[1], [1, 2]],
  [[], {}],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: undefined }, { b: undefined }],
  [Uint8Array.of(1), Uint8Array.of(2)],
  [Uint8Array.of(1), [1]],
];

describe("same", () => {
  test.each(EQUAL)("%j equals %j", (a, b) => expect(same(a, b)).toBe(true));
  test.each(DIFFERENT)("%j differs from %j", (a, b) => {
    expect(same(a, b)).toBe(false);
    expect(same(b, a)).toBe(false);
  });
});

test("a failure says what is there and what was expected", () => {
  expect(() => equal([1], [2], "the list")).toThrow(new CaseFailure("the list is [1], expected [2]"));
  expect(() => matches("abc", /^b/, "the word")).toThrow('the word is "abc", expected /^b/');
  expect(() => ok(false, "it holds")).toThrow("it holds");
});

test("an error is looked at by its code", async () => {
  const coded = Object.assign(new Error("why"), { code: "E_ONE" });
  expect(await rejects(Promise.reject(coded), "E_ONE", "it")).toBe(coded);
  expect(
    throws(
      () => {
        throw coded;
      },
      /^E_/,
      "it",
    ),
  ).toBe(coded);
  await expect(rejects(Promise.reject(coded), "E_TWO", "it")).rejects.toThrow(
    'it is refused with E_TWO, not "E_ONE": "why"',
  );
  await expect(rejects(Promise.resolve(), "E_ONE", "it")).rejects.toThrow("no error came");
});

test("a name of a case is ASCII whatever it quotes", () => {
  expect(quoted("a\r\n\x7f\u0100")).toBe('"a\\r\\n\\u007f\\u0100"');
});

test("a long value is shortened", () => {
  expect(show("x".repeat(1000))).toMatch(/^"x{299}… \(1002 characters\)$/);
});
