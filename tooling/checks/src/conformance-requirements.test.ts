// The pages say of every requirement what proves it, and where that is skipped.

import { expect, onTestFinished, test } from "vitest";
import { conformancePages } from "./conformance-page.js";
import { placeOf } from "./conformance-requirements.js";
import { reportFiles, temporaryRepository } from "./repository.fixture.js";

interface Row {
  readonly id: string;
  readonly milestone: string;
  readonly status: string;
}

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
  const files = reportFiles({ a: [PASSED], b: [SKIPPED], c: [SKIPPED] });
  expect(statuses(files)).toEqual(["proven", "open"]);
  expect(lineOf("W1", files)).toContain("| case: one piece | [others] (2 of 3): no socket |");
});

test("a case skipped on every adapter proves nothing", () => {
  const files = { ...reportFiles({ a: [SKIPPED] }), [CASES]: ONE_CASE };
  expect(statuses(files)).toEqual(["skipped", "open"]);
});

test("a case that failed on one adapter makes its requirement failed", () => {
  const files = reportFiles({ a: [PASSED], b: [FAILED] });
  expect(statuses(files)).toEqual(["failed", "open"]);
  expect(lineOf("W1", files)).toContain("| case: one piece ✗ |");
});

test("with reports, a case that none of them ran proves nothing", () => {
  const other = [{ name: "other", proves: [], state: "passed" }];
  const files = { ...reportFiles({ a: other }), [CASES]: ONE_CASE };
  expect(statuses(files)).toEqual(["skipped", "open"]);
  expect(lineOf("W1", files)).toContain("|  | one piece: not run |");
});

test("after five proofs the others are counted", () => {
  const tests = Array.from({ length: 7 }, (_, index) => `test("proof ${index} [W1]", () => {});`);
  const line = lineOf("W1", { [TEST_FILE]: tests.join("\n") });
  expect(line).toContain("proof 4 ");
  expect(line).not.toContain("proof 5 ");
  expect(line).toContain("<br>and 2 more |");
});

test("where a case is skipped is said by groups, which link to their pages", () => {
  const files = reportFiles({
    "serveNode https": [PASSED],
    "serveNode h2": [SKIPPED],
    "serveFastCgi behind Caddy, async": [SKIPPED],
    "serveFastCgi behind Caddy, sync": [SKIPPED],
  });
  expect(lineOf("W1", files)).toContain("| [servers] (1 of 2), [behind Caddy] (2): no socket |");
  expect(pagesOf(files).get("docs/conformance/requirements-wsgi.md")).toContain(
    "\n[servers]: servers.md\n[behind Caddy]: behind-caddy.md\n",
  );
});

test("a family has a page, and a group is a heading of it", () => {
  expect(placeOf("CGI program: meta-variables and web server quirks")).toEqual({
    family: "CGI program",
    file: "requirements-cgi-program.md",
    anchor: "cgi-program-meta-variables-and-web-server-quirks",
  });
  expect(pagesOf({}).get("docs/conformance/requirements-fastcgi.md")).toContain("\n## FastCGI: records\n");
});

function lineOf(id: string, files: Record<string, string>): string | undefined {
  const lines = [...pagesOf(files).values()].flatMap((page) => page.split("\n"));
  return lines.find((line) => line.startsWith(`| ${id} |`));
}

function statuses(files: Record<string, string>): string[] {
  const { rows }: { rows: Row[] } = conformancePages(repository(files));
  return rows.map(({ status }) => status);
}

function pagesOf(files: Record<string, string>): Map<string, string> {
  return conformancePages(repository(files)).pages;
}

function repository(files: Record<string, string>): string {
  const { root, remove } = temporaryRepository(files);
  onTestFinished(remove);
  return root;
}
