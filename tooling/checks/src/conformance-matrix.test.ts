// The matrix shows every pair, says why each case was skipped and where, and never hides a failure.

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pairsPage, pairsTable, readMatrix } from "./conformance-matrix.js";
import { temporaryRepository } from "./repository.fixture.js";

const GUESTS = ["async", "sync", "fetch", "Hono"];

test("without reports there is no table", () => {
  const matrix = readMatrix("/nowhere/at/all");
  expect(matrix).toEqual({ reports: [], guests: [], pairs: [], skips: [] });
  expect(pairsTable(matrix)).toEqual([]);
});

test("a host is a row, a guest a column, and a cell says how many passed and were skipped", () => {
  const lines = section({ b: report("b"), a: report("a") });
  expect(lines.filter((line) => line.startsWith("|"))).toEqual([
    "| Host ＼ guest | async | sync | fetch | Hono |",
    "| --- | --- | --- | --- | --- |",
    "| **a** | 5 / 2 | 5 / 2 | 5 / 2 | 5 / 2 |",
    "| **b** | 5 / 2 | 5 / 2 | 5 / 2 | 5 / 2 |",
  ]);
});

test("a failure stands in its cell, and its case below", () => {
  const failing = {
    ...report("a"),
    guests: GUESTS.map((guest) => ({ guest, passed: 1, skipped: 0, failed: guest === "Hono" ? 1 : 0 })),
    failures: [{ guest: "Hono", case: "paths: one", error: "is *not*" }],
  };
  const lines = section({ a: failing });
  expect(lines).toContain("| **a** | 1 / 0 | 1 / 0 | 1 / 0 | 1 / 0 / **1 failed** |");
  expect(lines).toContain(String.raw`* Hono on a, paths: one: is \*not\*`);
});

test("a reason stands once, with its cases below the pairs that skip them", () => {
  const skip = (guests: string[], cases: string[], reason = "no octets") => ({ reason, guests, cases });
  const page = pageOf({
    a: report("a", [
      skip(["async", "fetch", "Hono"], ["one"]),
      skip(["sync", "fetch", "Hono"], ["sync one"]),
    ]),
    b: report("b", [skip(["async", "fetch", "Hono"], ["one"])]),
    c: report("c", [skip(["fetch"], ["one", "two"]), skip(["fetch"], ["three"], "no TRACE")]),
  });
  expect(page.slice(page.indexOf("<details>"))).toBe(`<details><summary>no octets: 3 cases, 8 pairs</summary>

every guest on a, b; fetch on c:

* one

every guest on a:

* sync one

fetch on c:

* two

</details>

<details><summary>no TRACE: 1 case, 1 pair</summary>

fetch on c:

* three

</details>

<!-- prettier-ignore-end -->
`);
});

test("nothing skipped is told, too", () => {
  expect(pageOf({ a: report("a") })).toContain("## What is skipped, and why\n\nNothing.\n");
});

test("a pair is an adapter: its skips are told one by one", () => {
  const { pairs, skips } = read(
    filesOf({ a: report("a", [{ reason: "why", guests: ["sync"], cases: ["one"] }]) }),
  );
  expect(pairs).toEqual(["async on a", "sync on a", "fetch on a", "Hono on a"]);
  expect(skips).toEqual([{ reason: "why", name: "one", host: "a", guest: "sync", adapter: "sync on a" }]);
});

test.each([
  ["no JSON", "{", "matrix/a.json is no JSON"],
  ["no report", "{}", "matrix/a.json is no report of a host"],
  [
    "a skip without a reason",
    JSON.stringify(report("a", [{ reason: "", guests: ["async"], cases: ["one"] }])),
    'a: "one" is skipped without a reason',
  ],
  ["other guests", JSON.stringify({ ...report("a"), guests: [] }), "b has other guests than a"],
])("what is wrong is refused: %s", (_, text, message) => {
  expect(() => read({ "matrix/a.json": text, "matrix/b.json": JSON.stringify(report("b")) })).toThrow(
    message,
  );
});

function report(host: string, skips: object[] = []): object {
  const guests = GUESTS.map((guest) => ({ guest, passed: 5, skipped: 2, failed: 0 }));
  return { host, guests, skips, failures: [] };
}

function section(reports: Record<string, object>): string[] {
  return pairsTable(read(filesOf(reports)))
    .join("\n")
    .split("\n");
}

function pageOf(reports: Record<string, object>): string {
  return pairsPage(read(filesOf(reports)));
}

function filesOf(reports: Record<string, object>): Record<string, string> {
  const files = Object.entries(reports).map(([name, text]) => [`matrix/${name}.json`, JSON.stringify(text)]);
  return Object.fromEntries(files);
}

function read(files: Record<string, string>): ReturnType<typeof readMatrix> {
  const { root, remove } = temporaryRepository(files);
  onTestFinished(remove);
  return readMatrix(join(root, "matrix"));
}
