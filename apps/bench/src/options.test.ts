import { expect, test } from "vitest";
import { HELP, parseOptions, UsageError } from "./options.ts";

test("without words every scenario and column is measured on the running Node", () => {
  expect(parseOptions([])).toMatchObject({
    mode: "measure",
    only: null,
    columns: null,
    behindNginx: false,
    base: "raw",
    rounds: 21,
    requests: null,
    haste: 1,
    fresh: false,
    nodes: [process.execPath],
    json: null,
    readme: false,
  });
});

test("--cgi-start measures the start of CGI programs", () => {
  expect(parseOptions(["--cgi-start", "--columns", "sync"])).toMatchObject({
    mode: "cgi-start",
    columns: ["sync"],
  });
});

test("lists are split at commas, and numbers read", () => {
  const options = parseOptions([
    "--only",
    "hello,json",
    "--columns=a,b",
    "--rounds",
    "5",
    "--requests",
    "70",
  ]);
  expect(options).toMatchObject({ only: ["hello", "json"], columns: ["a", "b"], rounds: 5, requests: 70 });
});

test("several node binaries are measured one after another", () => {
  expect(parseOptions(["--node", "/a/node", "--node", "/b/node"]).nodes).toEqual(["/a/node", "/b/node"]);
});

test("--quick takes fewer rounds unless their number is given", () => {
  expect(parseOptions(["--quick"])).toMatchObject({ rounds: 5, haste: 4 });
  expect(parseOptions(["--quick", "--rounds", "2"])).toMatchObject({ rounds: 2, haste: 4 });
});

test("--profile and --soak take a column, and a scenario or hello", () => {
  const profile = parseOptions(["--profile", "srvx", "json"]);
  expect(profile).toMatchObject({ mode: "profile", column: "srvx", scenario: "json" });
  expect(parseOptions(["--soak", "raw"])).toMatchObject({ mode: "soak", column: "raw", scenario: "hello" });
});

test.each([
  [["--wrong"], "--wrong"],
  [["--rounds", "0"], "not 0"],
  [["--requests", "many"], "not many"],
  [["hello"], "--only hello"],
  [["--profile", "raw", "hello", "json"], "json"],
])("%j is refused with the reason", (words, reason) => {
  expect(() => parseOptions(words)).toThrow(UsageError);
  expect(() => parseOptions(words)).toThrow(reason);
});

test("every option is in the help", () => {
  const names = [
    "only",
    "columns",
    "base",
    "rounds",
    "requests",
    "quick",
    "fresh",
    "node",
    "node-option",
    "json",
  ];
  for (const name of [...names, "readme", "from", "profile", "soak", "list"]) {
    expect(HELP).toContain(`--${name}`);
  }
});
