// The first page: all adapters with their counts, all groups of requirements, and every reason for which a case is skipped.
// Source: what the other pages of docs/conformance say at length.

import { countsOf } from "./conformance-adapters.js";
import { linksTo } from "./conformance-groups.js";
import { countsCell, PAIRS_PAGE, pairsTable } from "./conformance-matrix.js";
import { STATUSES, placeOf } from "./conformance-requirements.js";
import { framed, grouped, markdown, table } from "./page-text.js";

const FOLDER = "conformance/";
const GUEST = /^(.*), (async|sync|Express|Fastify|Hono)$/;
const EITHER = "async and sync";
const TEXT = `What every interface, adapter and protocol part must do, which test or conformance case proves it, and what an adapter cannot
do, and why. The conformance suite is a set of cases, each an app, a request, and what must come back; it runs on every
adapter below. [Adapters](#adapters) · [Hosts and guests](#hosts-and-guests) · [Requirements](#requirements) ·
[What is skipped, and why](#what-is-skipped-and-why)
`;
const MEANINGS = `A requirement is *proven* when a test that runs cites it or a case that proves it passed on at least one adapter, *failed*
when such a case failed on any, *skipped* when everything that would prove it is skipped, and *open* when nothing proves it
yet; the area that will prove it stands beside it.
`;

/**
 * The text of the page.
 *
 * @param {object} all
 * @param {import("./conformance-groups.js").Group[]} all.groups
 * @param {import("./conformance-matrix.js").Matrix} all.matrix
 * @param {import("./conformance-requirements.js").Row[]} all.rows
 * @param {(adapters: Iterable<string>) => string} all.places - Says a list of adapters in few words.
 * @param {readonly { label: string, file: string }[]} all.linked - What these words link to.
 */
export function overviewPage({ groups, matrix, rows, places, linked }) {
  return framed([
    "# Conformance\n",
    TEXT,
    "## Adapters\n",
    ...adapters(groups),
    "## Hosts and guests\n",
    ...pairs(matrix),
    "## Requirements\n",
    ...requirements(rows),
    "## What is skipped, and why\n",
    ...skipped(groups, matrix, places),
    linksTo(linked, FOLDER),
  ]);
}

function adapters(groups) {
  if (groups.length === 0) return ["No adapter has reported yet.\n"];
  const others = groups.filter(({ isWebServer }) => !isWebServer);
  return [
    "How many cases passed, failed and were skipped. The page of a group says which, and why.\n",
    ...(others.length === 0 ? [] : [plainTable(others)]),
    ...(others.length === groups.length ? [] : webServers(groups.filter(({ isWebServer }) => isWebServer))),
  ];
}

function plainTable(groups) {
  const lines = groups.flatMap(({ label, reports }) =>
    reports.map((report, index) => [
      index === 0 ? `**[${label}]**` : "",
      markdown(report.adapter),
      ...countsOf(report),
    ]),
  );
  return table(["Group", "Adapter", "Passed", "Failed", "Skipped"], lines);
}

// One line for all guests of a web server: what it is called, but for the guest.
function webServers(groups) {
  const cells = groups.flatMap(({ label, reports }) =>
    reports.map((report) => {
      const [, name = report.adapter, guest = EITHER] = GUEST.exec(report.adapter) ?? [];
      const [passed, failed, skips] = countsOf(report);
      return { label, name, guest, text: countsCell({ passed, failed, skipped: skips }) };
    }),
  );
  const known = ["async", "sync", "Express", "Fastify", "Hono", EITHER];
  const guests = known.filter((one) => cells.some(({ guest }) => guest === one));
  const lines = [...grouped(cells, ({ label }) => label)].flatMap(([label, own]) =>
    [...grouped(own, ({ name }) => name)].map(([name, same], index) => [
      index === 0 ? `**[${label}]**` : "",
      markdown(name),
      ...guests.map((one) => same.find(({ guest }) => guest === one)?.text ?? ""),
    ]),
  );
  return [
    "Through web servers the suite runs with guests of several kinds. A cell has the number of cases that passed and of",
    "those that were skipped.\n",
    table(["Group", "Adapter", ...guests], lines),
  ];
}

function pairs(matrix) {
  const parts = pairsTable(matrix);
  if (parts.length === 0) return ["No host has reported yet.\n"];
  return [...parts, `Which cases a pair skips, and why: [hosts and guests](${FOLDER}${PAIRS_PAGE}).\n`];
}

function requirements(rows) {
  const counts = (members) => [
    members.length,
    ...STATUSES.map((status) => members.filter((row) => row.status === status).length),
  ];
  const heads = ["Requirements", ...STATUSES.map((status) => `${status[0].toUpperCase()}${status.slice(1)}`)];
  const areas = [...grouped(rows, ({ milestone }) => milestone)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const groups = [...grouped(rows, ({ group }) => group)].map(([group, members]) => {
    const { file, anchor } = placeOf(group);
    return [`[${markdown(group)}](${FOLDER}${file}#${anchor})`, idsOf(members), ...counts(members)];
  });
  const unproven = rows.filter(({ status }) => status !== "proven");
  return [
    MEANINGS,
    table(
      ["Area", ...heads],
      [...areas.map(([area, members]) => [area, ...counts(members)]), ["**all**", ...counts(rows)]],
    ),
    "What proves each, and where that is skipped:\n",
    table(["Group", "Ids", ...heads], groups),
    ...(unproven.length === 0 ? [] : ["Not proven:\n", ...unproven.map(unprovenLine), ""]),
  ];
}

// W1–W4, W7: the ids of a group are in order, but some groups have been added to later.
function idsOf(rows) {
  const runs = [];
  for (const { id } of rows) {
    const [, letters, digits] = /^(\D+)(\d+)$/.exec(id);
    const run = runs.at(-1);
    if (run?.letters === letters && run.last === Number(digits) - 1) run.last = Number(digits);
    else runs.push({ letters, first: Number(digits), last: Number(digits) });
  }
  const texts = runs.map(({ letters, first, last }) =>
    first === last ? `${letters}${first}` : `${letters}${first}–${letters}${last}`,
  );
  return texts.join(", ");
}

function unprovenLine({ id, text, milestone, status }) {
  return `* ${id} (${milestone}) is ${status}: ${markdown(text)}`;
}

function skipped(groups, matrix, places) {
  const reports = groups.flatMap((group) => group.reports);
  const skips = reports.flatMap(({ adapter, results }) =>
    results.filter(({ state }) => state === "skipped").map(({ name, reason }) => ({ name, reason, adapter })),
  );
  const reasons = [...grouped([...skips, ...matrix.skips], ({ reason }) => reason)].map(([reason, same]) => ({
    reason,
    cases: new Set(same.map(({ name }) => name)).size,
    adapters: new Set(same.map(({ adapter }) => adapter)),
  }));
  if (reasons.length === 0) return ["Nothing.\n"];
  const sorted = reasons.toSorted((a, b) => b.cases - a.cases || (a.reason < b.reason ? -1 : 1));
  return [
    "A number in brackets is how many adapters of a group skip cases for the reason; its page names them and the cases.\n",
    table(
      ["Reason", "Cases", "Skipped on"],
      sorted.map((one) => [markdown(one.reason), one.cases, places(one.adapters)]),
    ),
  ];
}
