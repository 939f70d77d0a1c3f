import { expect, test } from "vitest";
import { medianOf, rowsFromSamples, type Samples } from "./rows.ts";

function samples(column: string, figures: number[], scenario = "hello"): Samples {
  return { scenario, column, node: "20.20.2", unit: "µs/request", samples: figures };
}

test("a row has the minimum, the median, and their ratios to the base column", () => {
  const [, row] = rowsFromSamples([samples("raw", [10, 20, 40]), samples("x", [30, 15, 24])], "raw");
  expect(row).toMatchObject({ column: "x", min: 15, median: 24, ratioMin: 1.5, ratioMedian: 1.2 });
});

test("the ratio of pairs is the median of the ratios within the rounds", () => {
  // By round 3, 0.75 and 0.6: a slow round of the machine that hits both columns leaves no trace.
  const [, row] = rowsFromSamples([samples("raw", [10, 20, 40]), samples("x", [30, 15, 24])], "raw");
  expect(row?.ratioPair).toBe(0.75);
});

test("a scenario is compared with the base of the same scenario only", () => {
  const [row] = rowsFromSamples([samples("x", [30], "json"), samples("raw", [10], "hello")], "raw");
  expect(row).toMatchObject({ min: 30, ratioMin: null, ratioMedian: null, ratioPair: null });
});

test("the median of an even number of values is the mean of the middle two", () => {
  expect([medianOf([4, 1, 3, 2]), medianOf([7]), medianOf([])]).toEqual([2.5, 7, Number.NaN]);
});

test("a base of nothing gives no ratio", () => {
  const rows = rowsFromSamples([samples("raw", [0]), samples("x", [30])], "raw");
  for (const row of rows) expect(row).toMatchObject({ ratioMin: null, ratioMedian: null, ratioPair: null });
});
