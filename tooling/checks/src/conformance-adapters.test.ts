// The page of a group: whatever its adapters reported can be read off it.

import { expect, test } from "vitest";
import { groupPage } from "./conformance-adapters.js";

interface Result {
  readonly name: string;
  readonly proves: readonly string[];
  readonly state: "passed" | "failed" | "skipped";
  readonly reason?: string;
}

interface Report {
  readonly adapter: string;
  readonly results: readonly Result[];
}

test("adapters have letters and counts", () => {
  const page = pageOf({
    "a | b": [passed("one"), failed("two"), skipped("three", "why")],
    c: [passed("one")],
  });
  expect(rowsOf(page).slice(0, 4)).toEqual([
    "|  | Adapter | Passed | Failed | Skipped |",
    "| --- | --- | --- | --- | --- |",
    String.raw`| A | a \| b | 1 | 1 | 1 |`,
    "| B | c | 1 | 0 | 0 |",
  ]);
});

test("a case has one line, with the requirements it proves and the adapters it passed, failed and is skipped on", () => {
  const page = pageOf({
    a: [passed("one *piece*", "W1", "X2"), skipped("two", "no socket")],
    b: [skipped("one *piece*", "no socket"), skipped("two", "no octets")],
    c: [failed("one *piece*"), skipped("two", "no socket")],
    d: [passed("one *piece*"), passed("zero")],
  });
  expect(rowsOf(page.slice(page.indexOf("## Every case")))).toEqual([
    "| Case | Proves | Passed | Failed ✗, skipped |",
    "| --- | --- | --- | --- |",
    String.raw`| one \*piece\* | W1 X2 | A, D | ✗ C; (1) B |`,
    "| two |  |  | (1) A, C; (2) B |",
    "| zero |  | D |  |",
  ]);
});

test("a case that every adapter passed says so, one that only some know names these", () => {
  const page = pageOf({ a: [passed("one")], b: [passed("one"), passed("two")] });
  expect(rowsOf(page).slice(-2)).toEqual(["| one |  | all |  |", "| two |  | B |  |"]);
});

test("a reason stands once, the most frequent first, with its cases below the adapters that skip them", () => {
  const page = pageOf({
    a: [skipped("two", "no <b> & c"), skipped("one", "no <b> & c"), skipped("three", "less")],
    b: [skipped("one", "no <b> & c")],
  });
  expect(skipsIn(page)).toBe(`
<details><summary>1. no &lt;b&gt; &amp; c: 2 cases, all</summary>

all:

* one

A:

* two

</details>

<details><summary>2. less: 1 case, A</summary>

* three

</details>

`);
});

test("reasons that are as frequent are in the order of their texts", () => {
  const page = pageOf({ a: [skipped("one", "z"), skipped("two", "b"), skipped("three", "m")] });
  expect(Array.from(page.matchAll(/<summary>(.*):/g), ([, text]) => text)).toEqual(["1. b", "2. m", "3. z"]);
});

test("an adapter without results has a line of zeros, and nothing is skipped", () => {
  const page = pageOf({ a: [] });
  expect(rowsOf(page)).toContain("| A | a | 0 | 0 | 0 |");
  expect(skipsIn(page)).toBe("\nNothing.\n\n");
});

test("every result of every adapter can be read off the page", () => {
  const reports = manyReports();
  const page = pageOf(Object.fromEntries(reports.map(({ adapter, results }) => [adapter, results])));
  const told = reports.map(({ adapter }) => ({ adapter, results: readOff(page, adapter) }));
  const sorted = reports.map(({ adapter, results }) => ({
    adapter,
    results: results.map(({ name, state, reason = state }) => `${name}: ${reason}`).toSorted(),
  }));
  expect(told).toEqual(sorted);
});

/** Thirty adapters: a result depends on both numbers, and some cases are not of an adapter. */
function manyReports(): Report[] {
  return Array.from({ length: 30 }, (_, adapter) => {
    const results = Array.from({ length: 40 }, (__, one) => {
      const name = `case ${one}`;
      const lot = (adapter * adapter + 3 * one + adapter * one) % 11;
      if (lot === 0) return failed(name);
      return lot < 5 ? skipped(name, `reason ${lot}`) : passed(name);
    });
    return { adapter: `adapter ${adapter}`, results: results.filter((__, one) => (one + adapter) % 7 !== 0) };
  });
}

function readOff(page: string, adapter: string): string[] {
  const rows = rowsOf(page).map((row) => row.slice(2, -2).split(" | "));
  const letters = rows.filter((cells) => cells.length === 5).map(([letter = ""]) => letter);
  const own = rows.find((cells) => cells[1] === adapter)?.[0] ?? "";
  const reasons = new Map(
    Array.from(page.matchAll(/<summary>(\d+)\. (.*): \d+ cases?, /g), ([, number, text]) => [number, text]),
  );
  const names = (text: string): boolean => {
    if (text === "all") return true;
    return text.split(", ").some((run) => {
      const [first = "", last = first] = run.split("–");
      const at = letters.indexOf(own);
      return at >= letters.indexOf(first) && at <= letters.indexOf(last);
    });
  };
  const told = rows.flatMap(([name = "", , pass = "", others = ""]) => {
    if (!name.startsWith("case ")) return [];
    const states = others.split("; ").flatMap((text) => {
      const [, number, some = ""] = /^(?:✗|\((\d+)\)) (.*)$/.exec(text) ?? [];
      if (some === "" || !names(some)) return [];
      return [number === undefined ? "failed" : reasons.get(number)];
    });
    if (pass !== "" && names(pass)) states.push("passed");
    return states.map((state) => `${name}: ${state}`);
  });
  return told.toSorted();
}

function passed(name: string, ...proves: string[]): Result {
  return { name, proves, state: "passed" };
}

function failed(name: string): Result {
  return { name, proves: [], state: "failed" };
}

function skipped(name: string, reason: string): Result {
  return { name, proves: [], state: "skipped", reason };
}

function pageOf(results: Record<string, readonly Result[]>): string {
  const reports = Object.entries(results).map(([adapter, own]) => ({ adapter, results: [...own] }));
  return groupPage({ title: "Servers", label: "servers", file: "servers.md", isWebServer: false, reports });
}

function rowsOf(page: string): string[] {
  return page.split("\n").filter((line) => line.startsWith("|"));
}

function skipsIn(page: string): string {
  const start = page.indexOf("## What is skipped");
  return page.slice(page.indexOf("\n", start) + 1, page.indexOf("## Every case"));
}
