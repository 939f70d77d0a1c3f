// What a run through us is worth: compared with a plain run, which is made only where something is missing.

import { runFile } from "./run-file.js";

const plainRuns = new Map();

/**
 * The tests of a file that cannot pass in a way.
 *
 * @param {{ reason: string, ways: string[], skip?: boolean, sometimes?: boolean, tests: Record<string, string[]> }[]} list -
 *   exceptions.json. `skip`: they are not even run, as they would never end. `sometimes`: they may pass after all.
 * @returns {Map<string, { skip: boolean, sometimes: boolean }>} By name.
 */
export function exceptionsOf(list, file, way) {
  const found = new Map();
  for (const { ways, tests, skip = false, sometimes = false } of list) {
    if (!ways.includes(way)) continue;
    for (const test of tests[file] ?? []) found.set(test, { skip, sometimes });
  }
  return found;
}

/**
 * Finds the tests that pass plainly and not through us.
 *
 * @param {object} run - The file, its outcome, how many tests are known to pass plainly, and its exceptions.
 * @returns {Promise<{ passed: number, excepted: number, failures: { test: string, why: string }[] }>}
 */
export async function judge({ name, file, outcome, expected, exceptions }) {
  const { tests, reached, exit, output } = outcome;
  const verdict = { passed: 0, excepted: 0, failures: [] };
  const fail = (test, why) => verdict.failures.push({ test, why });
  if (!reached) fail("the whole file", "no request came through us");
  let fine = 0;
  for (const [test, { passed, implied }] of tests) {
    if (passed) verdict.passed += 1;
    // One that failed for a test within it is neither here nor there.
    if (passed || implied) fine += 1;
    if (passed && exceptions.get(test)?.sometimes === false)
      fail(test, "it passes: take it out of exceptions.json");
  }
  for (const test of exceptions.keys()) if (tests.get(test)?.passed !== true) verdict.excepted += 1;
  if (fine + verdict.excepted === expected && (exit === "exit 0" || verdict.excepted > 0)) return verdict;
  const plain = await plainly(name, file);
  for (const [test, { passed }] of plain.tests) {
    const mine = tests.get(test);
    if (!passed || mine?.passed === true || mine?.implied === true || exceptions.has(test)) continue;
    fail(test, mine?.why ?? `it did not run: ${exit}`);
  }
  for (const test of exceptions.keys())
    if (plain.tests.get(test)?.passed !== true)
      fail(test, "exceptions.json names it, and it does not pass plainly");
  if (verdict.failures.length === 0 && verdict.excepted === 0 && exit !== plain.exit)
    fail("the whole file", `${exit}\n${output.slice(-2000)}`);
  return verdict;
}

function plainly(name, file) {
  const run = plainRuns.get(file) ?? runFile(name, file, null);
  plainRuns.set(file, run);
  return run;
}
