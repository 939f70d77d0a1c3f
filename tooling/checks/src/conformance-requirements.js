// What proves each requirement, and the pages that show it: one for each family of requirements.
// Source: the requirement lists, the citations of tests and cases, and the reports in docs/conformance.

import { NAMELESS, findCitations } from "./citations.js";
import { anchor, framed, grouped, markdown, table } from "./page-text.js";
import { readRequirements } from "./requirement-list.js";

/**
 * @typedef {object} Proof
 * @property {string} text
 * @property {"passed" | "failed" | "skipped"} state
 * @property {{ reason: string, adapter?: string, title?: string }[]} notes - Where it is skipped: on an adapter, or it is a test.
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} group - As `WSGI: environ`: what stands before the colon is the family.
 * @property {string} milestone
 * @property {string} text
 * @property {string} source
 * @property {Proof[]} proofs
 * @property {"proven" | "failed" | "skipped" | "open"} status
 */

/** What a requirement can be. */
export const STATUSES = ["proven", "failed", "skipped", "open"];
const SHOWN_PROOFS = 5;
// What vitest fills in for each row of a table (`%s`, `$name`, `$a.b`); `%2F` and `%ff` are octets of a path.
const FILLED_IN = /%(?:[sijoO#$]|[df](?![\da-fA-F]))|\$(?:#|[A-Za-z_]\w*(?:\.\w+)*)/g;
const EXPRESSION = /\$\{(?:[^{}]|\{[^{}]*\})*\}/g;

/**
 * Every requirement with what proves it.
 *
 * @param {string} root - The repository.
 * @param {(requirements: ReadonlyMap<string, unknown>) => import("./conformance-reports.js").Report[]} read - Reads the reports.
 * @returns {{ rows: Row[], reports: import("./conformance-reports.js").Report[] }}
 * @throws {Error} When a requirement list or a report is malformed.
 */
export function provenRequirements(root, read) {
  const requirements = readRequirements(root);
  const reports = read(requirements);
  const proofs = proofsById(findCitations(root), casesOf(reports));
  const rows = [...requirements].map(([id, requirement]) => {
    const own = proofs.get(id) ?? [];
    return { id, ...requirement, proofs: own, status: statusOf(own) };
  });
  return { rows, reports };
}

/**
 * Where a group of requirements stands: the page of its family, and the heading of it.
 *
 * @param {string} group
 */
export function placeOf(group) {
  const family = group.split(":", 1)[0];
  return { family, file: `requirements-${anchor(family)}.md`, anchor: anchor(group) };
}

/**
 * The pages, by the names of their files.
 *
 * @param {readonly Row[]} rows
 * @param {(adapters: readonly string[]) => string} places - Says a list of adapters in few words.
 * @param {string} links - What a page ends with that has such words.
 * @returns {[file: string, text: string][]}
 */
export function requirementPages(rows, places, links) {
  const families = grouped(rows, ({ group }) => placeOf(group).file);
  return [...families].map(([file, members]) => {
    const sections = [...grouped(members, ({ group }) => group)].map(([group, own]) => {
      const lines = own.map((row) => [
        row.id,
        markdown(row.text),
        markdown(row.source),
        provenBy(row),
        missing(row, places),
      ]);
      return `## ${group}\n\n${table(["Id", "Must hold", "Source", "Proven by", "Skipped or open"], lines)}`;
    });
    const text = framed([
      `# Requirements: ${placeOf(members[0].group).family}\n`,
      "What must hold, what proves it, and where a case that would prove it is skipped, and why. One page of several:",
      "[conformance](../conformance.md) says what *proven* means, and has all adapters.\n",
      ...sections,
      links,
    ]);
    return [file, text];
  });
}

// By case name, in the order of names: its results on the adapters that know it.
function casesOf(reports) {
  const results = reports.flatMap(({ adapter, results: own }) =>
    own.map((result) => ({ adapter, ...result })),
  );
  return new Map([...grouped(results, ({ name }) => name)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

// Without any report the cases are taken from their source; with reports a case nobody ran proves nothing.
function proofsById(citations, cases) {
  const proofs = new Map();
  const add = (id, proof) => proofs.set(id, [...(proofs.get(id) ?? []), proof]);
  for (const [name, results] of cases) {
    const state = ["failed", "passed", "skipped"].find((one) =>
      results.some((result) => result.state === one),
    );
    const notes = results
      .filter((result) => result.state === "skipped")
      .map(({ adapter, reason }) => ({ reason, adapter }));
    for (const id of new Set(results.flatMap(({ proves }) => proves)))
      add(id, { text: `case: ${name}`, state, notes });
  }
  for (const { id, file, title, kind, skipped } of citations) {
    const isRun = !skipped && (kind === "test" || cases.size === 0);
    // The reports tell the names that are put together as the suite runs.
    if (kind === "case" && (cases.has(title) || (!isRun && (title === NAMELESS || title.includes("${")))))
      continue;
    const text = kind === "case" ? `case: ${title}` : `${readable(title)} (\`${shortName(file)}\`)`;
    const notes = isRun ? [] : [{ reason: "not run", title: readable(title) }];
    add(id, { text, state: isRun ? "passed" : "skipped", notes });
  }
  return proofs;
}

function statusOf(proofs) {
  if (proofs.some(({ state }) => state === "failed")) return "failed";
  if (proofs.some(({ state }) => state === "passed")) return "proven";
  return proofs.length > 0 ? "skipped" : "open";
}

function provenBy({ proofs }) {
  const proven = proofs.filter(({ state }) => state !== "skipped");
  const shown = proven
    .slice(0, SHOWN_PROOFS)
    .map(({ text, state }) => `${markdown(text)}${state === "failed" ? " ✗" : ""}`);
  if (proven.length > SHOWN_PROOFS) shown.push(`and ${proven.length - SHOWN_PROOFS} more`);
  return shown.join("<br>");
}

function missing({ milestone, proofs, status }, places) {
  if (status === "open") return `open: ${milestone}`;
  const notes = proofs.flatMap((proof) => proof.notes);
  const lines = [...grouped(notes, ({ reason }) => reason)].map(([reason, same]) => {
    const titles = same.flatMap(({ title = [] }) => title);
    const where = [
      ...new Set(titles.map(markdown)),
      places(same.flatMap(({ adapter = [] }) => adapter)),
    ].filter((text) => text !== "");
    return `${where.join(", ")}: ${markdown(reason)}`;
  });
  return lines.join("<br>");
}

// A title that is filled in as the tests run has dots where that is.
function readable(title) {
  return title.replaceAll(EXPRESSION, "…").replaceAll(FILLED_IN, "…");
}

// packages/core/src/exchange.test.ts is shown as core/exchange.test.ts.
function shortName(file) {
  return file.replace(/^[^/]+\//, "").replace("/src/", "/");
}
