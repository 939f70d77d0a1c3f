// What a pair runs and skips: the cases of its guest, and whatever its host or its guest cannot do.

import { expect, test } from "vitest";
import { cases, memoryWire } from "@tsgi/testing";
import { casesOf, runPair, skipsOf, type Guest, type Host } from "./pair.ts";

const FRONT = [["x-front", "1"]] as const;
const host: Host = {
  name: "memory",
  native: false,
  http: "1.1",
  front: [],
  skip: () => ({ "methods: GET reaches the app in upper case": "of the host" }),
  serve: async (app, log) => ({ wire: memoryWire({ app, log }), close: () => {} }),
};
const guest: Guest = {
  name: "itself",
  speaks: "app",
  runs: null,
  front: [],
  skip: ({ name }) => ({
    "methods: GET reaches the app in upper case": "of the guest",
    "sync methods: GET reaches the app in upper case": `of the guest on ${name}`,
  }),
  of: (app) => app,
};

test("a guest of both interfaces runs every case, and one of one interface its own", () => {
  expect(casesOf(host, guest)).toEqual(cases);
  const [async, sync] = (["async", "sync"] as const).map((runs) => casesOf(host, { ...guest, runs }));
  expect(sync?.every(({ name }) => name.startsWith("sync "))).toBe(true);
  expect(async?.some(({ name }) => name.startsWith("sync "))).toBe(false);
  expect((async?.length ?? 0) + (sync?.length ?? 0)).toBe(cases.length);
});

test("the cases about a framework in front are run where there is one, on either side", () => {
  const inFront = (pair: [Host, Guest]): number =>
    casesOf(...pair).filter(({ name }) => /^(sync )?in front: /.test(name)).length;
  expect(inFront([host, guest])).toBe(0);
  expect(inFront([{ ...host, front: FRONT }, guest])).toBeGreaterThan(0);
  expect(inFront([host, { ...guest, front: FRONT }])).toBeGreaterThan(0);
});

test("the skips of host and guest add up, and where both have one the host's reason counts", () => {
  expect(skipsOf(host, guest)).toEqual({
    "methods: GET reaches the app in upper case": "of the host",
    "sync methods: GET reaches the app in upper case": "of the guest on memory",
  });
});

test("a skip of a case that the guest does not run is none of the pair's", () => {
  expect(Object.keys(skipsOf(host, { ...guest, runs: "async" }))).toEqual([
    "methods: GET reaches the app in upper case",
  ]);
});

test("a skip of a case that does not exist fails the pair", async () => {
  const wrong: Host = { ...host, skip: () => ({ "methods: none": "why" }) };
  await expect(runPair(wrong, guest)).rejects.toThrow("no case has this name");
});

test("a pair serves the guest by the host", async () => {
  const seen: string[] = [];
  const watched: Guest = { ...guest, of: (app) => (seen.push("made"), app) };
  const only = cases.filter(({ name }) => name.startsWith("methods: P"));
  const { adapter, results } = await runPair(host, watched, { cases: only, skip: {} });
  expect([adapter, seen]).toEqual(["itself on memory", ["made"]]);
  expect(results.map(({ state }) => state)).toEqual(only.map(() => "passed"));
});
