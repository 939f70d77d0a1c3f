// Citations are found where a test or a case makes them, and a wrong one is caught with its place.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { citedIds } from "../../../packages/testing/src/requirements/requirements.ts";
import { checkCitations, findCitations, splitTitle } from "./citations.js";
import { temporaryRepository } from "./repository.fixture.js";

interface Citation {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly title: string;
  readonly kind: string;
  readonly skipped: boolean;
}

const SCRIPT = fileURLToPath(new URL("citations.js", import.meta.url));
const TEST_FILE = "packages/core/src/exchange.test.ts";
const CASE_FILE = "packages/testing/src/cases/response.ts";

const CITING: [how: string, source: string][] = [
  ["a test", `test("t [W1]", () => {});`],
  ["it", `it('t [W1]', () => {});`],
  ["a describe", "describe(`t [W1]`, () => {});"],
  ["a test with options", `test("t [W1]", { timeout: 1 }, () => {});`],
  ["a title over two lines", `test("t " +\n  "[W1]", () => {});`],
  ["a concurrent test", `test.concurrent("t [W1]", () => {});`],
  ["a test that may be skipped", `test.skipIf(a("b"))("t [W1]", () => {});`],
  ["a table", `test.each([["x", 1], ["y [0]", 2]])("t [W1]", () => {});`],
  ["a typed table", `test.each<[a: string, b: () => number]>(ROWS)("t [W1]", () => {});`],
  ["a tagged table", "test.each`a | b ${1} | ${2}`('t [W1]', () => {});"],
  ["a function of the test file", `overHttp2("t [W1]", async () => {});`],
  ["the first cell of a row", `const ROWS = [["t [W1]", 1]];`],
  ["a name", `const rows = [{ name: "t [W1]", a: 1 }];`],
];

test.each(CITING)("%s is a citation", (_, source) => {
  const found = citations({ [TEST_FILE]: source });
  expect(found).toEqual([{ id: "W1", file: TEST_FILE, line: 1, title: "t", kind: "test", skipped: false }]);
});

const NOT_CITING: [what: string, source: string][] = [
  ["a comment", `// test("t [W1]", () => {});`],
  ["an expected message", `expect(error.message).toBe("t [W1]");`],
  ["an expected message with a second argument", `expect("t [W1]", "why").toBe(1);`],
  ["an error", `new TypeError("t [W1]", { cause });`],
  ["a call of a method", `log.warn("t [W1]", 1);`],
  ["a value", `const text = "t [W1]";`],
  ["an index", `const row = rows["t [W1]", 0];`],
  ["a title with an array", `test("reads [0] and []", () => {});`],
  ["a citation in the middle", `test("reads [W1] and more", () => {});`],
];

test.each(NOT_CITING)("%s is no citation", (_, source) => {
  expect(citations({ [TEST_FILE]: source })).toEqual([]);
});

test("a title may cite several ids in several brackets", () => {
  const found = citations({ [TEST_FILE]: `\n\ntest("both [W1] [F1]", () => {});` });
  expect(found.map(({ id, line, title }) => [id, line, title])).toEqual([
    ["W1", 3, "both"],
    ["F1", 3, "both"],
  ]);
});

const SKIPPED = [
  `test.skip("t [W1]", () => {});`,
  `test.todo("t [W1]", {});`,
  `describe.skip("d", () => { test("t [W1]", () => {}); });`,
];

test.each(SKIPPED)("a skipped test is marked: %s", (source) => {
  expect(citations({ [TEST_FILE]: source }).map(({ skipped }) => skipped)).toEqual([true]);
});

test("a case cites what it proves, under its name", () => {
  const source = `export const cases = [
  { proves: ["W1", "F1"], app: { name: "inner" }, name: "response: one piece" },
  { name: "response: two", proves: [
    "W1",
  ] },
];
interface Case { readonly proves: readonly string[] }`;
  const found = citations({ [CASE_FILE]: source });
  expect(found.map(({ id, line, title, kind }) => [id, line, title, kind])).toEqual([
    ["W1", 2, "response: one piece", "case"],
    ["F1", 2, "response: one piece", "case"],
    ["W1", 4, "response: two", "case"],
  ]);
});

test("only test files and case files are read, and no dependency's", () => {
  const source = `test("t [W1]", () => {}); const one = { name: "n", proves: ["W1"] };`;
  const found = citations({
    "packages/core/src/exchange.ts": source,
    "packages/core/node_modules/a/a.test.ts": source,
    "packages/core/dist/a.test.ts": source,
    "apps/demo/src/main.test.ts": source,
    "tooling/checks/src/a.test.ts": source,
  });
  expect(found.map(({ file, kind }) => [file, kind])).toEqual([
    ["apps/demo/src/main.test.ts", "test"],
    ["tooling/checks/src/a.test.ts", "test"],
  ]);
});

const WRONG: [what: string, file: string, source: string, problem: string][] = [
  ["an unknown id", TEST_FILE, `\ntest("t [W2]", () => {});`, `${TEST_FILE}:2: "t" cites [W2]`],
  ["an unknown group", TEST_FILE, `test("t [W1 Z1]", () => {});`, `${TEST_FILE}:1: "t" cites [Z1]`],
  ["a range", TEST_FILE, `test("t [W1-W3]", () => {});`, `${TEST_FILE}:1: "t" cites [W1-W3]`],
  ["commas", TEST_FILE, `test("t [W1, F1]", () => {});`, `${TEST_FILE}:1: "t" cites [W1, F1]`],
  ["a case", CASE_FILE, `\n\nx({ name: "n", proves: ["W9"] });`, `${CASE_FILE}:3: "n" cites [W9]`],
  ["a skipped test", TEST_FILE, `test.skip("t [W2]", () => {});`, `${TEST_FILE}:1: "t" cites [W2]`],
];

test.each(WRONG)("a wrong citation is caught: %s", (_, file, source, problem) => {
  const { problems } = checkCitations(repository({ [file]: source }));
  expect(problems).toEqual([`${problem}, which is no requirement`]);
});

test("the command fails with file and line on a wrong id", () => {
  const root = repository({ [TEST_FILE]: `test("t [W2]", () => {});` });
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, root], { encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toContain(`${TEST_FILE}:1: "t" cites [W2]`);
});

test("the command passes on known ids", () => {
  const root = repository({ [TEST_FILE]: `test("t [W1]", () => {});` });
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, root], { encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "1 citations of 1 ids, 0 of them wrong\n", ""]);
});

const WELL_FORMED = ["a", "a [W1]", "a [W1 F1][S4] [X2]", "a []", "a [0]", "a [W1] b", "a [W1] ", "[W1]"];

test.each(WELL_FORMED)("the command and citedIds of the suite read %j alike", (title) => {
  expect(splitTitle(title).ids).toEqual(citedIds(title));
});

function citations(files: Record<string, string>): Citation[] {
  return findCitations(repository(files));
}

function repository(files: Record<string, string>): string {
  const { root, remove } = temporaryRepository(files);
  onTestFinished(remove);
  return root;
}
