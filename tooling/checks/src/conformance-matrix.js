// The section of docs/conformance.md that says what became of every guest on every host, and why cases were skipped.
// Source: `npm run test:matrix` (apps/matrix) writes a report for each host.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { grouped, markdown, table } from "./page-text.js";

/**
 * @typedef {object} HostReport
 * @property {string} host - A row of the table.
 * @property {{ guest: string, passed: number, skipped: number, failed: number }[]} guests - Its cells.
 * @property {{ reason: string, guests: string[], cases: string[] }[]} skips
 * @property {{ guest: string, case: string, error: string }[]} failures
 */

const TEXT = `Each app of the conformance suite is mounted in an app of the guest's kind, and that is served by the host: so each cell is a
migration, there and back. A cell has the number of cases that passed and of those that were skipped.
`;

/**
 * The section, as parts of the page; none without reports.
 *
 * @param {string} folder - The folder of the reports.
 * @returns {string[]}
 * @throws {Error} When a file is no report, a skip has no reason, or two hosts have other guests.
 */
export function hostsAndGuests(folder) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  if (names.length === 0) return [];
  const reports = names.toSorted().map((name) => reportIn(folder, name));
  const columns = reports[0].guests.map(({ guest }) => guest);
  for (const { host, guests } of reports) {
    if (guests.map(({ guest }) => guest).join() !== columns.join())
      throw new Error(`${host} has other guests than ${reports[0].host}`);
  }
  const lines = reports.map(({ host, guests }) => [`**${markdown(host)}**`, ...guests.map(cell)]);
  const failures = reports.flatMap(({ host, failures: own }) =>
    own.map((failure) => `* ${markdown(`${failure.guest} on ${host}, ${failure.case}: ${failure.error}`)}`),
  );
  const skips = skippedFor(reports, columns);
  return [
    "## Hosts and guests\n",
    TEXT,
    table(["Host ＼ guest", ...columns.map(markdown)], lines),
    ...(failures.length === 0 ? [] : ["Failed:\n", ...failures, ""]),
    ...(skips.length === 0 ? [] : ["Skipped, for each reason:\n", ...skips, ""]),
  ];
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

function cell({ passed, skipped, failed }) {
  return `${passed} / ${skipped}${failed > 0 ? ` / **${failed} failed**` : ""}`;
}

// A line for each reason, with the hosts together that skip for the same guests.
function skippedFor(reports, columns) {
  const skips = reports.flatMap(({ host, skips: own }) => own.map((skip) => ({ host, ...skip })));
  return [...grouped(skips, ({ reason }) => reason)].map(([reason, same]) => {
    const cases = new Set(same.flatMap((skip) => skip.cases)).size;
    const guestsOf = [...grouped(same, ({ host }) => host)].map(([host, own]) => {
      const guests = new Set(own.flatMap((skip) => skip.guests));
      return {
        host,
        guests: guestList(
          columns.filter((guest) => guests.has(guest)),
          columns,
        ),
      };
    });
    const where = [...grouped(guestsOf, ({ guests }) => guests)].map(
      ([guests, hosts]) => `${guests} on ${hosts.map(({ host }) => host).join(", ")}`,
    );
    return `* ${markdown(reason)}: ${cases} ${cases === 1 ? "case" : "cases"}, ${markdown(where.join("; "))}`;
  });
}

// The two guests that are the app itself run the cases of one interface each.
function guestList(guests, columns) {
  const left = columns.filter((guest) => !guests.includes(guest));
  const isEvery = left.length === 0 || (left.length === 1 && ["async", "sync"].includes(left[0]));
  return isEvery ? "every guest" : guests.join(", ");
}
