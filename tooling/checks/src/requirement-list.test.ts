// The requirement lists read as text are the ones the suite imports.

import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { requirements } from "../../../packages/testing/src/requirements/requirements.ts";
import { temporaryRepository } from "./repository.fixture.js";
import { readRequirements } from "./requirement-list.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DATA = "packages/testing/src/requirements/w-environ.ts";

test("the lists read as text equal the lists imported, in the same order", () => {
  expect([...readRequirements(ROOT)]).toEqual(Object.entries(requirements));
});

test("a repository without requirements is an error, not an empty list", () => {
  expect(() => readRequirements(repository({ [DATA]: "export const none = {};" }))).toThrow(
    "holds no requirement",
  );
});

test("an id written in two files is an error", () => {
  const again = `export const a = { W1: { group: "G", milestone: "core", text: "T.", source: "S" } } as const;`;
  expect(() => readRequirements(repository({ "packages/testing/src/requirements/a.ts": again }))).toThrow(
    "W1 is written twice",
  );
});

test("an entry without a source is an error with its place", () => {
  const entry = `\nexport const a = { W1: { group: "G", milestone: "core", text: "T." } } as const;`;
  expect(() => readRequirements(repository({ [DATA]: entry }))).toThrow(`${DATA}:2: W1 has no source`);
});

function repository(files: Record<string, string>): string {
  const { root, remove } = temporaryRepository(files);
  onTestFinished(remove);
  return root;
}
