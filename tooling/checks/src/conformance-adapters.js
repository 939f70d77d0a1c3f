// The page of a group of adapters: what each of them skips and why, and what became of every case on every one.
// Source: the reports in docs/conformance.

import { lettersOf, letter } from "./conformance-groups.js";
import { counted, folded, framed, grouped, listed, markdown, table } from "./page-text.js";

/**
 * The text of the page. Whatever was reported can be read off it: a case on an adapter passed, failed, was skipped for a
 * reason, or is none of the adapter's.
 *
 * @param {import("./conformance-groups.js").Group} group
 */
export function groupPage({ title, reports }) {
  const results = reports.flatMap(({ results: own }, index) => own.map((result) => ({ index, ...result })));
  const reasons = reasonsOf(results);
  return framed([
    `# ${title}\n`,
    "What is tested with the conformance suite here, what of it is skipped and why, and what became of every case. One",
    "page of several: [conformance](../conformance.md) has all adapters and the requirements.\n",
    table(
      ["", "Adapter", "Passed", "Failed", "Skipped"],
      reports.map((report, index) => [letter(index), markdown(report.adapter), ...countsOf(report)]),
    ),
    "## What is skipped, and why\n",
    ...(reasons.length === 0 ? ["Nothing.\n"] : reasons.map((reason) => reasonPart(reason, reports.length))),
    "## Every case\n",
    "With the requirements it proves. A letter is an adapter of the table above, a number the reason above for which it is",
    "skipped; a case is run only on the adapters that its line names.\n",
    casesTable(results, reasons, reports.length),
  ]);
}

/**
 * How many cases of an adapter passed, failed and were skipped.
 *
 * @param {import("./conformance-reports.js").Report} report
 */
export function countsOf({ results }) {
  return ["passed", "failed", "skipped"].map((one) => results.filter(({ state }) => state === one).length);
}

// By how often it is why, the most frequent first. So a page without any change in its reports stays as it is.
function reasonsOf(results) {
  const skipped = results.filter(({ state }) => state === "skipped");
  const reasons = [...grouped(skipped, ({ reason }) => reason)].map(([reason, same]) => ({ reason, same }));
  const sorted = reasons.toSorted((a, b) => b.same.length - a.same.length || (a.reason < b.reason ? -1 : 1));
  return sorted.map((reason, index) => ({ ...reason, number: index + 1 }));
}

// Cases that the same adapters skip stand together, below the letters of these.
function reasonPart({ number, reason, same }, total) {
  const byCase = [...grouped(same, ({ name }) => name)].toSorted(byName);
  const where = lettersOf(indicesOf(same), total);
  const sets = grouped(byCase, ([, skips]) => lettersOf(indicesOf(skips), total));
  const lists = [...sets].map(([letters, cases]) => [
    sets.size === 1 ? "" : letters,
    cases.map(([name]) => markdown(name)),
  ]);
  return folded(`${number}. ${reason}: ${counted(byCase.length, "case")}, ${where}`, listed(new Map(lists)));
}

function casesTable(results, reasons, total) {
  const numbers = new Map(reasons.map(({ reason, number }) => [reason, number]));
  const lines = [...grouped(results, ({ name }) => name)].toSorted(byName).map(([name, own]) => {
    const letters = (some) => lettersOf(indicesOf(some), total);
    const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((one) =>
      own.filter(({ state }) => state === one),
    );
    const skips = [...grouped(skipped, ({ reason }) => numbers.get(reason))].toSorted(([a], [b]) => a - b);
    const others = [
      ...(failed.length === 0 ? [] : [`✗ ${letters(failed)}`]),
      ...skips.map(([number, same]) => `(${number}) ${letters(same)}`),
    ];
    const proves = [...new Set(own.flatMap((result) => result.proves))];
    return [markdown(name), proves.join(" "), letters(passed), others.join("; ")];
  });
  return table(["Case", "Proves", "Passed", "Failed ✗, skipped"], lines);
}

function indicesOf(results) {
  return [...new Set(results.map(({ index }) => index))].toSorted((a, b) => a - b);
}

function byName([a], [b]) {
  return a < b ? -1 : 1;
}
