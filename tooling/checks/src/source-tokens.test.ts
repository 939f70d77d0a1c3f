// String literals are found where they stand, and nothing else is taken for one.

import { expect, test } from "vitest";
import { tokensOf } from "./source-tokens.js";

interface Token {
  readonly type: string;
  readonly value: string;
  readonly line: number;
  readonly parent: number;
  readonly partner: number;
}

const STRINGS: [what: string, source: string, strings: string[]][] = [
  ["quotes of all three kinds", "f('a', \"b\", `c`)", ["a", "b", "c"]],
  ["a quote in a comment", "// don't\n/* \"no\" */ f('a')", ["a"]],
  ["a quote in a regular expression", "f(/[\"'`/]\\//g, 'a')", ["a"]],
  ["a division", "f(a / b, 'c', d / 2)", ["c"]],
  ["a regular expression after return", "return /'/.test('a')", ["a"]],
  ["escapes", String.raw`f("\"\n\x41\u0042\u{43}\\")`, ['"\nABC\\']],
  ["strings joined by plus", "f('a ' +\n  'b', 'c')", ["a b", "c"]],
  ["a string joined to a value", "f('a' + b + 'c')", ["a", "c"]],
  [
    "a template with a regular expression inside",
    "f(`a${b.replace(/'}\\//, '')}c`, 'd')",
    ["a${b.replace(/'}//, '')}c", "d"],
  ],
  ["a template with braces inside", "f(`a${b({ c: `}'` })}d`, 'e')", ["a${b({ c: `}'` })}d", "e"]],
];

test.each(STRINGS)("the strings of %s", (_, source, strings) => {
  const tokens: Token[] = tokensOf(source);
  expect(tokens.filter(({ type }) => type === "string").map(({ value }) => value)).toEqual(strings);
});

test("every token knows its line, also after a comment or a template of many lines", () => {
  const tokens: Token[] = tokensOf("a\n/*\n*/ b `\n\n` c\n'd'");
  expect(tokens.map(({ line }) => line)).toEqual([1, 3, 3, 5, 6]);
});

test("a bracket knows its other half, and a token the bracket around it", () => {
  const tokens: Token[] = tokensOf("f([a], { b })");
  const at = (value: string) => tokens.findIndex((token) => token.value === value);
  expect(tokens[at("(")]?.partner).toBe(at(")"));
  expect(tokens[at("[")]?.partner).toBe(at("]"));
  expect(tokens[at("a")]?.parent).toBe(at("["));
  expect(tokens[at("b")]?.parent).toBe(at("{"));
  expect(tokens[at("f")]?.parent).toBe(-1);
});
