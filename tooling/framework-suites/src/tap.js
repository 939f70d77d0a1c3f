// What node:test reports as TAP, read back: every test by its whole name, and whether it passed.
// A reporter of our own would be simpler. Node loads one while the file already runs, and its tests then start a turn later.

const SUBTEST = /^( *)# Subtest: (.*)$/;
const RESULT = /^( *)(not )?ok \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$/;

/**
 * Reads a report. Skipped tests and todos are left out; one that failed because one within it did is `implied`.
 *
 * @param {string} text - What the reporter wrote, perhaps cut off.
 * @returns {Map<string, { passed: boolean, implied: boolean, why: string }>} By `outer > inner`; the second of a name is `name (2)`.
 */
export function testsInTap(text) {
  const tests = new Map();
  const path = [];
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const subtest = SUBTEST.exec(lines[at]);
    if (subtest !== null) {
      path.length = subtest[1].length / 4;
      path.push(subtest[2]);
      continue;
    }
    const result = RESULT.exec(lines[at]);
    if (result === null) continue;
    const [, indent, not, name, directive] = result;
    let why = "";
    if (lines[at + 1] === `${indent}  ---`) {
      const end = lines.indexOf(`${indent}  ...`, at);
      why = lines.slice(at + 2, end === -1 ? undefined : end).join("\n");
      at = end === -1 ? lines.length : end;
    }
    if (directive !== undefined) continue;
    const whole = [...path.slice(0, indent.length / 4), name].join(" > ");
    let unique = whole;
    for (let i = 2; tests.has(unique); i += 1) unique = `${whole} (${i})`;
    const implied = /^ *failureType: 'subtestsFailed'$/m.test(why);
    tests.set(unique, { passed: not === undefined, implied, why });
  }
  return tests;
}
