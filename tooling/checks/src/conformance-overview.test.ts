// The first page shows every adapter with its counts, the groups of requirements, and every reason once.

import { expect, onTestFinished, test } from "vitest";
import { conformancePages } from "./conformance-page.js";
import { reportFiles, temporaryRepository } from "./repository.fixture.js";

const PASSED = { name: "one piece", proves: ["W1"], state: "passed" };
const SKIPPED = { ...PASSED, state: "skipped", reason: "no *socket*" };
const SECOND = { name: "a second", proves: [], state: "skipped", reason: "no octets" };
const THIRD = { ...SECOND, name: "a third" };

test("every adapter has a line, below the group that links to its page", () => {
  const page = overview(
    reportFiles({
      "serveNode https": [PASSED],
      "serveNode h2": [{ ...PASSED, state: "failed" }, SECOND],
      "something new": [],
    }),
  );
  expect(rowsIn(page, "Adapters")).toEqual([
    "| Group | Adapter | Passed | Failed | Skipped |",
    "| --- | --- | --- | --- | --- |",
    "| **[servers]** | serveNode h2 | 0 | 1 | 1 |",
    "|  | serveNode https | 1 | 0 | 0 |",
    "| **[others]** | something new | 0 | 0 | 0 |",
  ]);
  expect(page).toContain("\n[servers]: conformance/servers.md\n[others]: conformance/others.md\n");
});

test("the guests behind a web server share a line", () => {
  const page = overview(
    reportFiles({
      "serveFastCgi behind nginx, TCP, sync": [PASSED, SECOND],
      "serveFastCgi behind nginx, TCP, Hono": [{ ...PASSED, state: "failed" }],
      "serveFastCgi behind nginx, TCP": [PASSED],
      "serveCgi behind Apache mod_cgid, async": [SKIPPED],
    }),
  );
  expect(rowsIn(page, "Adapters")).toEqual([
    "| Group | Adapter | async | sync | Hono | async and sync |",
    "| --- | --- | --- | --- | --- | --- |",
    "| **[behind nginx]** | serveFastCgi behind nginx, TCP |  | 1 / 1 | 0 / 0 / **1 failed** | 1 / 0 |",
    String.raw`| **[behind Apache]** | serveCgi behind Apache mod\_cgid | 0 / 1 |  |  |  |`,
  ]);
});

test("a reason stands once, with the number of its cases and how many adapters and pairs of each group skip them", () => {
  const pairs = {
    host: "Fastify",
    guests: [{ guest: "async", passed: 1, skipped: 1, failed: 0 }],
    skips: [{ reason: "no octets", guests: ["async"], cases: ["a third"] }],
    failures: [],
  };
  const page = overview({
    ...reportFiles({
      "serveNode https": [SKIPPED],
      "serveNode h2": [SECOND, SKIPPED],
      "toFetch, served by Bun": [SECOND, THIRD],
    }),
    "docs/conformance/matrix/fastify.json": JSON.stringify(pairs),
  });
  expect(rowsIn(page, "What is skipped, and why")).toEqual([
    "| Reason | Cases | Skipped on |",
    "| --- | --- | --- |",
    "| no octets | 2 | [servers] (1 of 2), [runtimes] (1), [pairs] (1) |",
    String.raw`| no \*socket\* | 1 | [servers] (2) |`,
  ]);
  expect(page).toContain("\n[pairs]: conformance/hosts-and-guests.md\n");
});

test("the requirements are counted by area and by group, and those that nothing proves are named", () => {
  const page = overview({ "packages/core/src/exchange.test.ts": `test("calls once [W1]", () => {});` });
  expect(rowsIn(page, "Requirements").filter((line) => !line.includes("---"))).toEqual([
    "| Area | Requirements | Proven | Failed | Skipped | Open |",
    "| core | 1 | 1 | 0 | 0 | 0 |",
    "| fastcgi | 1 | 0 | 0 | 0 | 1 |",
    "| **all** | 2 | 1 | 0 | 0 | 1 |",
    "| Group | Ids | Requirements | Proven | Failed | Skipped | Open |",
    "| [WSGI: environ](conformance/requirements-wsgi.md#wsgi-environ) | W1 | 1 | 1 | 0 | 0 | 0 |",
    "| [FastCGI: records](conformance/requirements-fastcgi.md#fastcgi-records) | F1 | 1 | 0 | 0 | 0 | 1 |",
  ]);
  expect(page).toContain("\n* F1 (fastcgi) is open: A record has a header.\n");
});

test("ids that follow one another are given as first and last", () => {
  const entry = `{ group: "ASGI: base", milestone: "core", text: "It is so.", source: "ASGI" }`;
  const page = overview({
    "packages/testing/src/requirements/a-base.ts": `export const aBase = { A1: ${entry}, A2: ${entry}, A3: ${entry}, A7: ${entry} };`,
  });
  expect(page).toContain("#asgi-base) | A1–A3, A7 | 4 |");
});

test("without reports it says so", () => {
  const page = overview({});
  expect(page).toContain("## Adapters\n\nNo adapter has reported yet.\n");
  expect(page).toContain("## Hosts and guests\n\nNo host has reported yet.\n");
  expect(page).toContain("## What is skipped, and why\n\nNothing.\n");
});

function overview(files: Record<string, string>): string {
  const { root, remove } = temporaryRepository(files);
  onTestFinished(remove);
  return conformancePages(root).pages.get("docs/conformance.md") ?? "";
}

function rowsIn(page: string, heading: string): string[] {
  const start = page.indexOf(`\n## ${heading}\n`);
  const end = page.indexOf("\n## ", start + 1);
  const section = page.slice(start, end === -1 ? undefined : end);
  return section.split("\n").filter((line) => line.startsWith("|"));
}
