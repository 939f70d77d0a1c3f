// What became of every guest on every host: a table for the overview, and a page that says which cases each pair skips.
// Source: `npm run test:matrix` (apps/matrix) writes a report for each host.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { counted, folded, framed, grouped, listed, markdown, table } from "./page-text.js";

/**
 * @typedef {object} HostReport
 * @property {string} host - A row of the table.
 * @property {{ guest: string, passed: number, skipped: number, failed: number }[]} guests - Its cells.
 * @property {{ reason: string, guests: string[], cases: string[] }[]} skips
 * @property {{ guest: string, case: string, error: string }[]} failures
 *
 * @typedef {object} Skip
 * @property {string} reason
 * @property {string} name - The name of the case.
 * @property {string} host
 * @property {string} guest
 * @property {string} adapter - Host and guest in one name.
 *
 * @typedef {object} Matrix
 * @property {HostReport[]} reports
 * @property {string[]} guests - The columns of the table.
 * @property {string[]} pairs - The names of all pairs, as adapters.
 * @property {Skip[]} skips - One for each case on each pair.
 */

/** The name of the page in the folder of the reports. */
export const PAIRS_PAGE = "hosts-and-guests.md";
const TEXT = `Each app of the conformance suite is mounted in an app of the guest's kind, and that is served by the host: so each cell is a
migration, there and back. A cell has the number of cases that passed and of those that were skipped.
`;

/**
 * Reads the reports of a folder, ordered by the names of their files.
 *
 * @param {string} folder
 * @returns {Matrix} Empty if there are none.
 * @throws {Error} When a file is no report, a skip has no reason, or two hosts have other guests.
 */
export function readMatrix(folder) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  const reports = names.toSorted().map((name) => reportIn(folder, name));
  const guests = reports[0]?.guests.map(({ guest }) => guest) ?? [];
  for (const { host, guests: own } of reports) {
    if (own.map(({ guest }) => guest).join() !== guests.join())
      throw new Error(`${host} has other guests than ${reports[0].host}`);
  }
  const pairs = reports.flatMap(({ host }) => guests.map((guest) => pairOf(host, guest)));
  return { reports, guests, pairs, skips: reports.flatMap(skipsOf) };
}

/**
 * The table of pairs with what failed, as parts of the overview; none without reports.
 *
 * @param {Matrix} matrix
 * @returns {string[]}
 */
export function pairsTable({ reports, guests }) {
  if (reports.length === 0) return [];
  const lines = reports.map(({ host, guests: own }) => [`**${markdown(host)}**`, ...own.map(countsCell)]);
  const failures = reports.flatMap(({ host, failures: own }) =>
    own.map((failure) => `* ${markdown(`${failure.guest} on ${host}, ${failure.case}: ${failure.error}`)}`),
  );
  return [
    TEXT,
    table(["Host ＼ guest", ...guests.map(markdown)], lines),
    ...(failures.length === 0 ? [] : ["Failed:\n", ...failures, ""]),
  ];
}

/**
 * The text of the page of the pairs: for each reason the cases that are skipped for it, and where.
 *
 * @param {Matrix} matrix
 */
export function pairsPage(matrix) {
  const reasons = [...grouped(matrix.skips, ({ reason }) => reason)].toSorted(
    ([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1),
  );
  return framed([
    "# Hosts and guests\n",
    "What each guest on each host skips, and why; everything else that a pair runs passed, unless it stands below the table.",
    "One page of several: [conformance](../conformance.md) has all adapters and the requirements.\n",
    ...pairsTable(matrix),
    "## What is skipped, and why\n",
    ...(reasons.length === 0 ? ["Nothing.\n"] : reasons.map((reason) => reasonPart(reason, matrix))),
  ]);
}

/** How many cases passed and were skipped, in one cell; and how many failed, if any did. */
export function countsCell({ passed, skipped, failed }) {
  return `${passed} / ${skipped}${failed > 0 ? ` / **${failed} failed**` : ""}`;
}

function reportIn(folder, name) {
  let report;
  try {
    report = JSON.parse(readFileSync(join(folder, name), "utf8"));
  } catch (error) {
    throw new Error(`matrix/${name} is no JSON`, { cause: error });
  }
  const isReport =
    typeof report?.host === "string" &&
    [report.guests, report.skips, report.failures].every((list) => Array.isArray(list));
  if (!isReport) throw new Error(`matrix/${name} is no report of a host`);
  const silent = report.skips.find(({ reason }) => !reason);
  if (silent !== undefined)
    throw new Error(`${report.host}: "${silent.cases[0]}" is skipped without a reason`);
  return report;
}

function skipsOf({ host, skips }) {
  return skips.flatMap(({ reason, guests, cases }) =>
    cases.flatMap((name) =>
      guests.map((guest) => ({ reason, name, host, guest, adapter: pairOf(host, guest) })),
    ),
  );
}

function pairOf(host, guest) {
  return `${guest} on ${host}`;
}

// Cases that the same pairs skip stand together, below the names of these.
function reasonPart([reason, same], { guests }) {
  const byCase = [...grouped(same, ({ name }) => name)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sets = grouped(byCase, ([, skips]) => whereOf(skips, guests));
  const lists = new Map(
    [...sets].map(([where, cases]) => [markdown(where), cases.map(([name]) => markdown(name))]),
  );
  const pairs = new Set(same.map(({ adapter }) => adapter)).size;
  const summary = `${reason}: ${counted(byCase.length, "case")}, ${counted(pairs, "pair")}`;
  return folded(summary, listed(lists));
}

// The hosts together that skip for the same guests.
function whereOf(skips, columns) {
  const guestsOf = [...grouped(skips, ({ host }) => host)].map(([host, own]) => {
    const guests = new Set(own.map(({ guest }) => guest));
    const inOrder = columns.filter((guest) => guests.has(guest));
    return { host, guests: guestList(inOrder, columns) };
  });
  const where = [...grouped(guestsOf, ({ guests }) => guests)].map(
    ([guests, hosts]) => `${guests} on ${hosts.map(({ host }) => host).join(", ")}`,
  );
  return where.join("; ");
}

// The two guests that are the app itself run the cases of one interface each.
function guestList(guests, columns) {
  const left = columns.filter((guest) => !guests.includes(guest));
  const isEvery = left.length === 0 || (left.length === 1 && ["async", "sync"].includes(left[0]));
  return isEvery ? "every guest" : guests.join(", ");
}
