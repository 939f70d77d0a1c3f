// Adapters are grouped by their names, and a list of them is said in few words without a word lost.

import { expect, test } from "vitest";
import { groupsOf, letter, lettersOf, placesIn } from "./conformance-groups.js";

interface Group {
  readonly label: string;
  readonly file: string;
  readonly reports: readonly { readonly adapter: string }[];
}

const GROUPED: [adapter: string, label: string][] = [
  ["serveNode http/1.1 below a mount prefix", "servers"],
  ["toNode on node:http", "servers"],
  ["in memory, HTTP/2", "servers"],
  ["Express 4 at the root", "frameworks"],
  ["toFetch in fromFetch on serveNode", "frameworks"],
  ["toHono on @hono/node-server, behind a middleware", "frameworks"],
  ["toHono, served by Deno", "runtimes"],
  ["in memory, fetch guest, on workerd", "runtimes"],
  ["cgi-fcgi in fromCgi on serveNode, async", "upstreams"],
  ["serveFastCgi in fromFastCgi by TCP, multiplexed", "upstreams"],
  ["serveCgi behind nginx and fcgiwrap, Fastify", "behind nginx"],
  ["serveFastCgi started by spawn-fcgi and multiwatch, behind nginx, sync", "behind nginx"],
  ["serveFastCgi started by Apache mod_fcgid, Hono", "behind Apache"],
  ["serveFastCgi started by lighttpd, bin-path, async", "behind lighttpd"],
  ["serveFastCgi behind Caddy, Express", "behind Caddy"],
  ["serveFastCgi behind HAProxy, multiplexed, sync", "behind HAProxy"],
  ["something new", "others"],
];

test.each(GROUPED)("%s is one of %s", (adapter, label) => {
  expect(labels([adapter])).toEqual([label]);
});

test("groups are in one order, and hold their adapters in that of the reports", () => {
  const names = GROUPED.map(([adapter]) => adapter);
  const order = [...new Set(GROUPED.map(([, label]) => label))];
  expect(labels(names)).toEqual([
    "servers",
    "frameworks",
    "runtimes",
    "upstreams",
    ...order.filter((label) => /^behind|^others/.test(label)),
  ]);
  const runtimes = (groupsOf(names.map(report)) as Group[]).find(({ label }) => label === "runtimes");
  expect(runtimes?.file).toBe("runtimes.md");
  expect(runtimes?.reports.map(({ adapter }) => adapter)).toEqual([names[6], names[7]]);
});

test("no adapter, no group", () => {
  expect(groupsOf([])).toEqual([]);
});

test("a list of adapters is said by groups: all of one, or how many of them", () => {
  const places = placesIn([
    { label: "servers", members: ["a", "b", "c"] },
    { label: "behind HAProxy", members: ["d", "e"] },
    { label: "runtimes", members: ["f"] },
  ]);
  expect(places(["e", "a", "d"])).toBe("[servers] (1 of 3), [behind HAProxy] (2)");
  expect(places(["a", "a"])).toBe("[servers] (1 of 3)");
  expect(places([])).toBe("");
});

test.each([
  [0, "A"],
  [25, "Z"],
  [26, "AA"],
  [51, "AZ"],
  [52, "BA"],
  [702, "AAA"],
])("line %i has the letter %s", (index, text) => {
  expect(letter(index)).toBe(text);
});

test.each([
  [[0, 1, 2], 3, "all"],
  [[], 3, ""],
  [[0, 1], 3, "A, B"],
  [[0, 1, 2], 4, "A–C"],
  [[0, 2, 3, 4, 5, 7, 8], 9, "A, C–F, H, I"],
])("of %j of %i adapters the letters are given as %j", (indices, total, text) => {
  expect(lettersOf(indices, total)).toBe(text);
});

function labels(adapters: readonly string[]): string[] {
  return (groupsOf(adapters.map(report)) as Group[]).map(({ label }) => label);
}

function report(adapter: string): { adapter: string; results: [] } {
  return { adapter, results: [] };
}
