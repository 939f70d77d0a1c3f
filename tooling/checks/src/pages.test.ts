// The pages of the project: their links lead somewhere, and the requirements they cite exist.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { pages } from "./examples-folder.js";
import { readRequirements } from "./requirement-list.js";
import { ROOT } from "./tree.js";

const texts = pages().map((page) => ({ page, text: readFileSync(join(ROOT, page), "utf8") }));

test("every relative link of a page leads to a file, and to a heading of it if it names one", () => {
  const dead = texts.flatMap(({ page, text }) =>
    Array.from(text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g), ([, link = ""]) => link)
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`),
  );
  expect(dead).toEqual([]);
});

test("every requirement that a page cites exists", () => {
  const known = readRequirements(ROOT);
  const unknown = texts.flatMap(({ page, text }) =>
    citedIds(text)
      .filter((id) => !known.has(id))
      .map((id) => `${page}: ${id}`),
  );
  expect(unknown).toEqual([]);
  expect(texts.flatMap(({ text }) => citedIds(text)).length).toBeGreaterThan(100);
});

/** The ids in brackets: `(A35)`, `(W31, W34)`. */
function citedIds(text: string): string[] {
  const groups = text.matchAll(/\(((?:[A-Z]{1,2}\d+)(?:,\s+[A-Z]{1,2}\d+)*)\)/g);
  return Array.from(groups, ([, ids = ""]) => ids.split(/,\s+/)).flat();
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", heading] = link.split("#", 2);
  const file = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
  if (!existsSync(file)) return false;
  if (heading === undefined) return true;
  const headings = Array.from(readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm), ([, title = ""]) =>
    anchor(title),
  );
  return headings.includes(heading);
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}
