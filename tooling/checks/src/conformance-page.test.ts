// The page says of every requirement what proves it, and the command notices when the page on disk says something else.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { conformancePage } from "./conformance-page.js";
import { temporaryRepository } from "./repository.fixture.js";

interface Row {
  readonly id: string;
  readonly milestone: string;
  readonly status: string;
}

const SCRIPT = fileURLToPath(new URL("conformance-page.js", import.meta.url));
const TEST_FILE = "packages/core/src/exchange.test.ts";
const CASES = "packages/testing/src/cases/response.ts";
const ONE_CASE = `export const one = { name: "one piece", proves: ["W1"] };`;
const PASSED = { name: "one piece", proves: ["W1"], state: "passed" };
const SKIPPED = { ...PASSED, state: "skipped", reason: "no socket" };
const FAILED = { ...PASSED, state: "failed" };

test("a requirement nobody cites is open until its area", () => {
  expect(lineOf("F1", {})).toBe("| F1 | A record has a header. | FastCGI 1.0, 3.3 |  | open: fastcgi |");
  expect(statuses({})).toEqual(["open", "open"]);
});

test("a requirement a test cites is proven by it, with the file that holds it", () => {
  const files = { [TEST_FILE]: `test("calls *once* [W1]", () => {});` };
  expect(lineOf("W1", files)).toContain(String.raw`| calls \*once\* (${"`core/exchange.test.ts`"}) |  |`);
  expect(statuses(files)).toEqual(["proven", "open"]);
});

test.each([
  ["%j and %s are %i", "… and … are …"],
  ["%d of %f, %o, %O, %# and %$", "… of …, …, …, … and …"],
  ["$name, $a.b. and $#", "…, …. and …"],
  ["${MAX} of ${rows.map((row) => `${row}`)}", "… of …"],
  ["50 % of %2F, %ff, %dd and $5", "50 % of %2F, %ff, %dd and $5"],
])("what is filled in as the tests run, as in %j, is shown as dots", (title, shown) => {
  const quoted = title.includes("`") ? JSON.stringify(`${title} [W1]`) : `\`${title} [W1]\``;
  expect(lineOf("W1", { [TEST_FILE]: `test.each(rows)(${quoted}, () => {});` })).toContain(
    `| ${shown} (\`core/exchange.test.ts\`) |`,
  );
});

test("a bar in a text does not end its table cell", () => {
  expect(lineOf("W1", {})).toContain(String.raw`The app is called once \| with ${"`environ`"}. |`);
});

test("a requirement only a skipped test cites is skipped", () => {
  const files = { [TEST_FILE]: `test.skip("calls once [W1]", () => {});` };
  expect(statuses(files)).toEqual(["skipped", "open"]);
  expect(lineOf("W1", files)).toContain("|  | calls once: not run |");
});

test("without reports a case proves what its source says", () => {
  expect(statuses({ [CASES]: ONE_CASE })).toEqual(["proven", "open"]);
  expect(lineOf("W1", { [CASES]: ONE_CASE })).toContain("| case: one piece |  |");
});

test("a case that passed on one adapter proves, and the skip on another is told with its reason", () => {
  const files = reports({ a: [PASSED], b: [SKIPPED], c: [SKIPPED] });
  expect(statuses(files)).toEqual(["proven", "open"]);
  expect(lineOf("W1", files)).toContain("| case: one piece | b, c: no socket |");
});

test("a case skipped on every adapter proves nothing", () => {
  const files = { ...reports({ a: [SKIPPED] }), [CASES]: ONE_CASE };
  expect(statuses(files)).toEqual(["skipped", "open"]);
});

test("a case that failed on one adapter makes its requirement failed", () => {
  const files = reports({ a: [PASSED], b: [FAILED] });
  expect(statuses(files)).toEqual(["failed", "open"]);
  expect(lineOf("W1", files)).toContain("| case: one piece ✗ |");
});

test("with reports, a case that none of them ran proves nothing", () => {
  const other = [{ name: "other", proves: [], state: "passed" }];
  const files = { ...reports({ a: other }), [CASES]: ONE_CASE };
  expect(statuses(files)).toEqual(["skipped", "open"]);
  expect(lineOf("W1", files)).toContain("|  | one piece: not run |");
});

test("the matrix shows every case on every adapter, with skips as numbers and their reasons below", () => {
  const second = { name: "a second", proves: [], state: "passed" };
  const { page } = conformancePage(repository(reports({ b: [SKIPPED, second], a: [PASSED], c: [FAILED] })));
  const matrix = page.slice(page.indexOf("## Cases on adapters")).split("\n");
  expect(matrix.filter((line) => /^(?:\||\d)/.test(line))).toEqual([
    "| Case | a | b | c |",
    "| --- | --- | --- | --- |",
    "| a second | · | ✓ | · |",
    "| one piece | ✓ | (1) | ✗ |",
    "| **passed** | 1/1 | 1/2 | 0/1 |",
    "1. no socket",
  ]);
});

test("the summary counts every area and all of them", () => {
  const { page } = conformancePage(repository({ [TEST_FILE]: `test("calls once [W1]", () => {});` }));
  expect(page.split("\n").filter((line) => /^\| (?:core|fastcgi|\*\*all\*\*) /.test(line))).toEqual([
    "| core | 1 | 1 | 0 | 0 | 0 |",
    "| fastcgi | 1 | 0 | 0 | 0 | 1 |",
    "| **all** | 2 | 1 | 0 | 0 | 1 |",
  ]);
});

test("after five proofs the others are counted", () => {
  const tests = Array.from({ length: 7 }, (_, index) => `test("proof ${index} [W1]", () => {});`);
  const line = lineOf("W1", { [TEST_FILE]: tests.join("\n") });
  expect(line).toContain("proof 4 ");
  expect(line).not.toContain("proof 5 ");
  expect(line).toContain("<br>and 2 more |");
});

test("the page is the same in another folder", () => {
  const files = { ...reports({ a: [PASSED] }), [TEST_FILE]: `test("calls once [W1]", () => {});` };
  expect(conformancePage(repository(files)).page).toBe(conformancePage(repository(files)).page);
});

test("the command writes the page, and --check passes until something changes", () => {
  const root = repository({ "docs/README.md": "" });
  expect(run(root, "--check").stderr).toContain(
    "docs/conformance.md is out of date: run npm run conformance",
  );
  expect(run(root).status).toBe(0);
  expect(readFileSync(join(root, "docs/conformance.md"), "utf8")).toBe(conformancePage(root).page);
  expect(run(root, "--check").status).toBe(0);
  mkdirSync(join(root, "packages/core/src"), { recursive: true });
  writeFileSync(join(root, TEST_FILE), `test("calls once [W1]", () => {});`);
  expect(run(root, "--check").status).toBe(1);
});

test("--require fails on a requirement of that area which is not proven", () => {
  const root = repository({ "docs/README.md": "", [TEST_FILE]: `test("calls once [W1]", () => {});` });
  expect(run(root, "--require=core").status).toBe(0);
  expect(run(root, "--require=core", "--require=fastcgi")).toMatchObject({
    status: 1,
    stderr: "F1 (fastcgi) is open\n",
  });
});

test("--require fails on an area that does not exist", () => {
  const root = repository({ "docs/README.md": "" });
  expect(run(root, "--require=cor")).toMatchObject({ status: 1, stderr: 'there is no area "cor"\n' });
});

function reports(byAdapter: Record<string, object[]>): Record<string, string> {
  const files = Object.entries(byAdapter).map(([adapter, results]) => [
    `docs/conformance/${adapter}.json`,
    JSON.stringify({ adapter, results }),
  ]);
  return Object.fromEntries(files);
}

function lineOf(id: string, files: Record<string, string>): string | undefined {
  const { page } = conformancePage(repository(files));
  return page.split("\n").find((line) => line.startsWith(`| ${id} |`));
}

function statuses(files: Record<string, string>): string[] {
  const { rows }: { rows: Row[] } = conformancePage(repository(files));
  return rows.map(({ status }) => status);
}

function run(root: string, ...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, root, ...args], { encoding: "utf8" });
  return { status, stderr };
}

function repository(files: Record<string, string>): string {
  const { root, remove } = temporaryRepository(files);
  onTestFinished(remove);
  return root;
}
