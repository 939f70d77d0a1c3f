// Reports are read in one order whatever their files are called, and a wrong one is refused with its reason.

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readReports } from "./conformance-reports.js";
import { temporaryRepository } from "./repository.fixture.js";

const REQUIREMENTS = new Map([["W1", {}]]);
const PASSED = { name: "one", proves: ["W1"], state: "passed" };

test("a folder that does not exist holds no report", () => {
  expect(readReports("/nowhere/at/all", REQUIREMENTS)).toEqual([]);
});

test("reports are ordered by adapter, and other files are passed over", () => {
  const b = { adapter: "b", results: [PASSED] };
  const a = { adapter: "a", results: [{ ...PASSED, state: "skipped", reason: "why" }] };
  expect(read({ "1.json": JSON.stringify(b), "2.json": JSON.stringify(a), "notes.txt": "{" })).toEqual([
    a,
    b,
  ]);
});

const WRONG: [what: string, files: Record<string, unknown>, message: string][] = [
  ["no results", { "a.json": { adapter: "a" } }, "a.json is no conformance report"],
  ["null", { "a.json": null }, "a.json is no conformance report"],
  ["an unknown state", { "a.json": report({ state: "maybe" }) }, "a.json is no conformance report"],
  [
    "an unknown id",
    { "a.json": report({ proves: ["W2"] }) },
    'a: case "one" proves [W2], which is no requirement',
  ],
  [
    "a skip without a reason",
    { "a.json": report({ state: "skipped" }) },
    'a: case "one" is skipped without a reason',
  ],
  ["a case run twice", { "a.json": report({}, {}) }, 'a: case "one" was run twice'],
  ["an adapter twice", { "a.json": report({}), "b.json": report({}) }, 'two reports are of adapter "a"'],
];

test.each(WRONG)("a report is refused: %s", (_, files, message) => {
  const texts = Object.entries(files).map(([name, value]) => [name, JSON.stringify(value)]);
  expect(() => read(Object.fromEntries(texts))).toThrow(message);
});

test("a file that is no JSON is refused with its name", () => {
  expect(() => read({ "a.json": "{" })).toThrow("a.json is no JSON");
});

function report(...changes: object[]): object {
  return { adapter: "a", results: changes.map((change) => ({ ...PASSED, ...change })) };
}

function read(files: Record<string, string>): unknown {
  const inFolder = Object.entries(files).map(([name, text]) => [join("reports", name), text]);
  const { root, remove } = temporaryRepository(Object.fromEntries(inFolder));
  onTestFinished(remove);
  return readReports(join(root, "reports"), REQUIREMENTS);
}
