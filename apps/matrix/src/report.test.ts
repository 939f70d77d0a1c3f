// What is kept of a run: every pair's counts, each skip with its reason and guests, and every failure.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Report, Result } from "@tsgi/testing";
import { hostReport, writeHostReport } from "./report.ts";

const passed = (name: string): Result => ({ name, proves: ["A1"], state: "passed" });
const skipped = (name: string, reason: string): Result => ({ name, proves: [], state: "skipped", reason });
const failed = (name: string, error: string): Result => ({ name, proves: [], state: "failed", error });

function reports(byGuest: Record<string, Result[]>): Map<string, Report> {
  return new Map(Object.entries(byGuest).map(([guest, results]) => [guest, { adapter: guest, results }]));
}

test("each guest's cases are counted, in the order of the guests", () => {
  const { host, guests } = hostReport(
    "Hono",
    reports({ sync: [passed("a"), passed("b"), skipped("c", "why")], async: [failed("a", "is wrong")] }),
  );
  expect(host).toBe("Hono");
  expect(guests).toEqual([
    { guest: "sync", passed: 2, skipped: 1, failed: 0 },
    { guest: "async", passed: 0, skipped: 0, failed: 1 },
  ]);
});

test("cases skipped by the same guests for one reason stand together", () => {
  const all = [skipped("a", "plain"), skipped("b", "plain")];
  const { skips } = hostReport(
    "Hono",
    reports({ one: [...all, skipped("c", "no files")], two: [...all, skipped("c", "plain")] }),
  );
  expect(skips).toEqual([
    { reason: "plain", guests: ["one", "two"], cases: ["a", "b"] },
    { reason: "plain", guests: ["two"], cases: ["c"] },
    { reason: "no files", guests: ["one"], cases: ["c"] },
  ]);
});

test("a failure is kept with what was wrong", () => {
  const { failures } = hostReport("Hono", reports({ one: [failed("a", "is 1, expected 2")] }));
  expect(failures).toEqual([{ guest: "one", case: "a", error: "is 1, expected 2" }]);
});

test("the report of a host is a file of its name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tsgi-matrix-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const report = hostReport("node, HTTP/1.1", reports({ one: [passed("a")] }));
  await writeHostReport(join(folder, "new"), report);
  const text = await readFile(join(folder, "new", "node-http-1-1.json"), "utf8");
  expect(JSON.parse(text)).toEqual(report);
});
