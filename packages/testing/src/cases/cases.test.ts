// The list of cases: what must hold for every one of them, whatever it is about.

import { expect, test } from "vitest";
import { isRequirementId } from "../requirements/requirements.ts";
import { cases } from "./cases.ts";

test("every case has a name of its own, which is a group and a sentence in ASCII", () => {
  const names = cases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z][A-Za-z -]*: [ -~]+$/);
});

test("a case is called sync exactly if it runs a sync app", () => {
  for (const found of cases)
    expect([found.name, found.name.startsWith("sync ")]).toEqual([found.name, "syncApp" in found]);
});

test("every case proves at least one requirement that exists, and none twice", () => {
  for (const { name, proves } of cases) {
    expect([
      name,
      proves.length > 0,
      new Set(proves).size,
      proves.filter((id) => !isRequirementId(id)),
    ]).toEqual([name, true, proves.length, []]);
  }
});
