import { expect, test } from "vitest";
import { withTable } from "./readme.ts";
import { rowsFromSamples, type Row } from "./rows.ts";
import { markdownTables, tablesOf, textTable } from "./table.ts";

function rows(node: string): Row[] {
  const of = (scenario: string, column: string, samples: number[]) => ({
    scenario,
    column,
    node,
    unit: "µs/request",
    samples,
  });
  return rowsFromSamples(
    [of("hello", "raw", [10, 12]), of("hello", "x", [15, 30]), of("upload", "raw", [5000, 6000])],
    "raw",
  );
}

test("the text table is aligned and shows minimum, median and the three ratios", () => {
  expect(textTable(rows("20.20.2").slice(0, 2), "a GET", "raw")).toBe(
    [
      "hello: a GET",
      "µs/request, Node 20.20.2, rounds: 2",
      "         min  median  min ÷ raw  median  pairs",
      "  raw  10.00   11.00       1.00    1.00   1.00",
      "  x    15.00   22.50       1.50    2.05   2.00",
      "",
    ].join("\n"),
  );
});

test("there is a table for each scenario and Node version", () => {
  const tables = tablesOf([...rows("20.20.2"), ...rows("24.21.0")]);
  expect(tables.map((table) => table.map((row) => `${row.node} ${row.scenario} ${row.column}`))).toEqual([
    ["20.20.2 hello raw", "20.20.2 hello x"],
    ["20.20.2 upload raw"],
    ["24.21.0 hello raw", "24.21.0 hello x"],
    ["24.21.0 upload raw"],
  ]);
});

test("the Markdown table has a line for each column and a dash where it has no such endpoint", () => {
  expect(markdownTables(rows("20.20.2"))).toBe(
    [
      "### Node 20.20.2",
      "",
      "|     |          hello, µs/request |       upload, µs/request |",
      "| --- | -------------------------: | -----------------------: |",
      "| raw | 10.00 / 11.00 (1.00, 1.00) | 5000 / 5500 (1.00, 1.00) |",
      "| x   | 15.00 / 22.50 (1.50, 2.00) |                        – |",
      "",
    ].join("\n"),
  );
});

const OCCASION = { date: new Date("2026-11-23T12:00:00Z"), processor: "Abacus, 2 cores" };
const README =
  "# Bench\n\n<!-- table: written by npm run bench -- --readme -->\nold\n<!-- /table -->\n\nEnd.\n";

test("the README's table is replaced, with its day, processor and the peers' versions", () => {
  const text = withTable(README, rows("20.20.2"), OCCASION);
  expect(text).toMatch(/^# Bench\n\n<!-- table: /);
  expect(text).toContain("Measured on 2026-11-23, Abacus, 2 cores, rounds: 2.");
  expect(text).toMatch(/express \d+\.\d+\.\d+/);
  expect(text).toContain("| x   | 15.00 / 22.50 (1.50, 2.00) |");
  expect(text).not.toContain("old");
  expect(text).toMatch(/<!-- \/table -->\n\nEnd\.\n$/);
  expect(withTable(text, rows("20.20.2"), OCCASION)).toBe(text);
});

test("a README without the markers is left alone", () => {
  expect(() => withTable("# Bench\n", rows("20.20.2"), OCCASION)).toThrow("no place for the table");
});
