// The pages that tell of a migration: their diffs are those of the files, and their links lead somewhere.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const PAGES = ["express-to-fastify", "express-to-hono"];

describe.each(PAGES)("the page of %s", (folder) => {
  const at = (path: string): URL => new URL(`${folder}/${path}`, import.meta.url);
  const page = readFileSync(at("README.md"), "utf8");
  const diffs = [...page.matchAll(/^```diff\n--- (\S+)\n\+\+\+ (\S+)\n(.*?)^```$/gms)];

  test("shows every step", () => {
    expect(page.match(/^```diff$/gm)).toHaveLength(diffs.length);
    const steps = diffs.map(([, from, to]) => `${from} ${to}`);
    for (const step of [0, 1, 2]) expect(steps).toContain(`step-${step}.ts step-${step + 1}.ts`);
  });

  test.each(diffs.map(([, from = "", to = "", hunks = ""]) => ({ from, to, hunks })))(
    "shows what is between $from and $to",
    ({ from, to, hunks }) => {
      const read = (path: string): string => readFileSync(at(path), "utf8");
      expect(faultOf(hunks, read(from), read(to))).toBe(null);
    },
  );

  test("links to what is there", () => {
    const links = Array.from(page.matchAll(/\]\(([^)#:]+)\)/g), ([, link = ""]) => link);
    expect(links.filter((link) => !existsSync(fileURLToPath(at(link))))).toEqual([]);
    expect(links.length).toBeGreaterThan(3);
  });
});

test("a diff that shows too little, too much or another line is found out", () => {
  const [from, to] = ["one\ntwo\nthree\nfour\n", "one\n2\nthree\n4\n"];
  expect(faultOf("@@\n-two\n+2\n three\n-four\n+4\n", from, to)).toBe(null);
  expect(faultOf("@@\n-two\n+2\n@@\n-four\n+4\n", from, to)).toBe(null);
  expect(faultOf("@@\n-two\n+2\n@@ … @@\n", from, to)).toBe(null);
  expect(faultOf("@@\n-two\n+2\n", from, to)).toBe("What is left out at the end differs");
  expect(faultOf("@@\n-two\n+3\n@@\n-four\n+4\n", from, to)).toBe("Not in the new file: 3");
  expect(faultOf("@@\n-too\n+2\n@@\n-four\n+4\n", from, to)).toBe("Not in the old file: too");
  expect(faultOf("@@\n-four\n+4\n", from, to)).toBe("What is left out before this differs: four");
});

/**
 * What is wrong with a diff, or `null`. A hunk begins with `@@`; what is left out between two is the same in both files,
 * unless the next begins with `@@ … @@`.
 */
function faultOf(diff: string, from: string, to: string): string | null {
  const hunks = diff.split(/^(?=@@)/m).map((hunk) => hunk.trimEnd().split("\n"));
  const [before, after] = [from.split("\n"), to.split("\n")];
  let [left, right] = [0, 0];
  for (const [head = "", ...lines] of hunks) {
    const old = lines.filter((line) => !line.startsWith("+")).map((line) => line.slice(1));
    const young = lines.filter((line) => !line.startsWith("-")).map((line) => line.slice(1));
    const nextLeft = find(before, old, left);
    const nextRight = find(after, young, right);
    if (lines.length > 0) {
      if (nextLeft === -1) return `Not in the old file: ${old[0]}`;
      if (nextRight === -1) return `Not in the new file: ${young[0]}`;
    }
    const same = before.slice(left, nextLeft).join("\n") === after.slice(right, nextRight).join("\n");
    if (!head.includes("…") && !same) return `What is left out before this differs: ${old[0]}`;
    if (lines.length === 0) return null;
    left = nextLeft + old.length;
    right = nextRight + young.length;
  }
  const same = before.slice(left).join("\n") === after.slice(right).join("\n");
  return same ? null : "What is left out at the end differs";
}

/** Where these lines are, one after the other, or -1. */
function find(lines: readonly string[], wanted: readonly string[], from: number): number {
  for (let at = from; at + wanted.length <= lines.length; at += 1) {
    if (wanted.every((line, index) => lines[at + index] === line)) return at;
  }
  return -1;
}
