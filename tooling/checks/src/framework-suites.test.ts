// What the frameworks' own suites are judged by: their reports, and the list of what cannot be.

import { expect, test } from "vitest";
import { exceptionsOf, judge } from "../../framework-suites/src/judge.js";
import { testsInTap } from "../../framework-suites/src/tap.js";

const REPORT = `TAP version 13
# Subtest: passes
ok 1 - passes
  ---
  duration_ms: 1
  ...
# Subtest: outer
    # Subtest: inner
    not ok 1 - inner
      ---
      failureType: 'testCodeFailure'
      error: |-
        ok 9 - not a test
      ...
    # Subtest: inner
    ok 2 - inner
    1..2
not ok 2 - outer
  ---
  failureType: 'subtestsFailed'
  ...
# Subtest: skipped
ok 3 - skipped # SKIP not here
# Subtest: cut off
`;

test("a report is read with whole names, a second of a name apart, and without what was skipped", () => {
  const tests = [...testsInTap(REPORT)].map(([name, { passed, implied }]) => [name, passed, implied]);
  expect(tests).toEqual([
    ["passes", true, false],
    ["outer > inner", false, false],
    ["outer > inner (2)", true, false],
    ["outer", false, true],
  ]);
});

const LIST = [{ reason: "why", ways: ["memory"], tests: { "a.test.js": ["outer > inner"] } }];

test("an exception counts for its file and its way", () => {
  expect([...exceptionsOf(LIST, "a.test.js", "memory").keys()]).toEqual(["outer > inner"]);
  expect(exceptionsOf(LIST, "a.test.js", "native").size).toBe(0);
  expect(exceptionsOf(LIST, "b.test.js", "memory").size).toBe(0);
});

const run = (exceptions: Map<string, { skip: boolean; sometimes: boolean }>, reached: boolean) =>
  judge({
    name: "a",
    file: "a.test.js",
    outcome: { tests: testsInTap(REPORT), reached, exit: "exit 1", output: "", seconds: 0 },
    expected: 4,
    exceptions,
  });

test("what is excepted may fail, and nothing else is looked at then", async () => {
  const verdict = await run(exceptionsOf(LIST, "a.test.js", "memory"), true);
  expect(verdict).toEqual({ passed: 2, excepted: 1, failures: [] });
});

test("an exception that passes is a failure, and so is a file that no request reached", async () => {
  const excepted = new Map([
    ["outer > inner", { skip: false, sometimes: false }],
    ["passes", { skip: false, sometimes: false }],
  ]);
  const { failures } = await run(excepted, false);
  expect(failures.map(({ test: name }) => name)).toEqual(["the whole file", "passes"]);
});
