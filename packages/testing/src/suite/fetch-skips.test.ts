// Skip lists for adapters that speak by Request and Response.

import { expect, test } from "vitest";
import { cases } from "../cases/cases.ts";
import { fetchSkips } from "./fetch-skips.ts";

test.each(Object.entries(fetchSkips))(
  "%s: each is a case of the suite, in one list only, with a reason",
  (_name, skips) => {
    const names = Object.keys(skips);
    const known = new Set(cases.map(({ name }) => name));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(0);
    const elsewhere = Object.values(fetchSkips).filter((other) => other !== skips);
    expect(names.filter((name) => elsewhere.some((other) => name in other))).toEqual([]);
    expect(Object.values(skips).every((reason) => reason.length > 0)).toBe(true);
  },
);
