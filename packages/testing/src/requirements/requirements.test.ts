// The requirement lists are complete, well-formed and free of duplicates.
// Source: requirements.ts and the data files beside it.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Requirement } from "./requirement.ts";
import { citedIds, isRequirementId, requirements } from "./requirements.ts";
import type { RequirementId } from "./requirements.ts";

const GROUPS: [letters: string, count: number][] = [
  ["W", 55],
  ["A", 94],
  ["C", 43],
  ["CH", 32],
  ["F", 70],
  ["FC", 26],
  ["X", 34],
  ["S", 32],
];
const MILESTONES = ["core", "websocket", "cgi", "fastcgi", "frameworks", "threads"];

const entries: [id: string, requirement: Requirement][] = Object.entries(requirements);
const here = new URL(".", import.meta.url);
const dataFiles = readdirSync(here).filter((name) => /^(?:w|a|c|ch|f|fc|x|s)-[\w-]+\.ts$/.test(name));

test.each(GROUPS)("group %s is numbered from 1 to %i without a gap", (letters, count) => {
  const ids = entries.map(([id]) => id).filter((id) => id.replace(/\d+$/, "") === letters);
  const numbers = ids.map((id) => Number(id.slice(letters.length))).toSorted((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1));
});

test("there are 386 requirements", () => {
  expect(entries.length).toBe(386);
});

test("no id is written twice, in one file or in two", () => {
  const written = dataFiles.flatMap((name) =>
    [...readFileSync(new URL(name, here), "utf8").matchAll(/^ {2}([A-Z]+\d+): \{$/gm)].map(
      ([, id]) => id ?? "",
    ),
  );
  expect(written.filter((id, index) => written.indexOf(id) !== index)).toEqual([]);
  expect(written.length).toBe(entries.length);
});

test("no two requirements have the same text", () => {
  expect(new Set(entries.map(([, { text }]) => text)).size).toBe(entries.length);
});

test("every text is one sentence with its full stop", () => {
  expect(idsWhere(({ text }) => !isSentence(text))).toEqual([]);
});

test("every text closes the code spans and brackets it opens", () => {
  expect(idsWhere(({ text }) => !isClosed(text))).toEqual([]);
});

test("every requirement has a source, a group and a milestone", () => {
  expect(idsWhere(({ source }) => !/^\S.{2,}\S$/.test(source))).toEqual([]);
  expect(idsWhere(({ group }) => !/^[A-Z].{3,}\S$/.test(group))).toEqual([]);
  expect(idsWhere(({ milestone }) => !MILESTONES.includes(milestone))).toEqual([]);
});

test("an id is told from a text that only looks like one", () => {
  const known: RequirementId = "FC12";
  expect(isRequirementId(known)).toBe(true);
  for (const text of ["W0", "W56", "w1", "W1 ", "", "toString", "__proto__"]) {
    expect(isRequirementId(text)).toBe(false);
  }
});

// The citation stands in a column of its own, so that a row is not taken for a test title that cites it.
const TITLES: [title: string, citation: string, ids: string[]][] = [
  ["a start then a throw is a clean 500", " [A36 A45]", ["A36", "A45"]],
  ["several groups", " [W1] [FC2 CH3][S4]", ["W1", "FC2", "CH3", "S4"]],
  ["", "[W1]", ["W1"]],
  ["an id that nobody wrote is given all the same", " [W99]", ["W99"]],
  ["only the last groups count [W1] here, and", " [W2]", ["W2"]],
  ["a citation [W1] in the middle is none", "", []],
  ["a range is none", " [W1-W3]", []],
  ["a list with commas is none", " [W1, W3]", []],
  ["an array is none", " [0]", []],
  ["an empty bracket is none", " []", []],
  ["white space after the citation", " [W1] ", []],
  ["", "", []],
];

test.each(TITLES)("citedIds reads %j with %j", (title, citation, ids) => {
  expect(citedIds(title + citation)).toEqual(ids);
});

function idsWhere(isWrong: (requirement: Requirement) => boolean): string[] {
  return entries.filter(([, requirement]) => isWrong(requirement)).map(([id]) => id);
}

function isSentence(text: string): boolean {
  return /^[A-Za-z`].{20,}[^.]\.$/.test(text) && !/[.!?] +[A-Z]/.test(text.replaceAll(/`[^`]*`/g, "x"));
}

function isClosed(text: string): boolean {
  const outside = text.replaceAll(/`[^`]*`/g, "");
  return !outside.includes("`") && outside.split("(").length === outside.split(")").length;
}
