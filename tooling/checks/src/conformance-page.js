// Writes docs/conformance.md and the pages beside the reports: every requirement with what proves it, and every
// conformance case on every adapter.
// Source: the requirement lists, the citations of tests and cases, and the reports in docs/conformance.

import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { groupPage } from "./conformance-adapters.js";
import { groupsOf, linksTo, placesIn } from "./conformance-groups.js";
import { PAIRS_PAGE, pairsPage, readMatrix } from "./conformance-matrix.js";
import { overviewPage } from "./conformance-overview.js";
import { readReports } from "./conformance-reports.js";
import { STATUSES, provenRequirements, requirementPages } from "./conformance-requirements.js";
import { isGenerated } from "./page-text.js";

const OVERVIEW = "docs/conformance.md";
const FOLDER = "docs/conformance";
const ADVICE = "run npm run conformance, or node tooling/checks/src/conformance-page.js if no report changes";

/**
 * Builds the texts of the pages. Equal inputs give equal texts: no date, no line number, no path outside the repository.
 *
 * @param {string} root - The repository.
 * @returns {{ pages: Map<string, string>, rows: { id: string, milestone: string, status: string }[] }} The pages by their paths.
 * @throws {Error} When a requirement list or a report is malformed.
 */
export function conformancePages(root) {
  const folder = join(root, FOLDER);
  const { rows, reports } = provenRequirements(root, (requirements) => readReports(folder, requirements));
  const groups = groupsOf(reports);
  const matrix = readMatrix(join(folder, "matrix"));
  const linked = [
    ...groups.map(({ label, file, reports: own }) => ({
      label,
      file,
      members: own.map(({ adapter }) => adapter),
    })),
    ...(matrix.pairs.length === 0 ? [] : [{ label: "pairs", file: PAIRS_PAGE, members: matrix.pairs }]),
  ];
  const places = placesIn(linked);
  const beside = [
    ...groups.map((group) => [group.file, groupPage(group)]),
    ...(matrix.pairs.length === 0 ? [] : [[PAIRS_PAGE, pairsPage(matrix)]]),
    ...requirementPages(rows, places, linksTo(linked, "")),
  ];
  const pages = new Map([
    [OVERVIEW, overviewPage({ groups, matrix, rows, places, linked })],
    ...beside.map(([file, text]) => [`${FOLDER}/${file}`, text]),
  ]);
  return { pages, rows: rows.map(({ id, milestone, status }) => ({ id, milestone, status })) };
}

function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      check: { type: "boolean", default: false },
      require: { type: "string", multiple: true, default: [] },
    },
  });
  const root = resolve(positionals[0] ?? fileURLToPath(new URL("../../..", import.meta.url)));
  const { pages, rows } = conformancePages(root);
  const areas = new Set(rows.map(({ milestone }) => milestone));
  const unknown = values.require
    .filter((area) => !areas.has(area))
    .map((area) => `there is no area "${area}"`);
  const unproven = rows
    .filter(({ milestone, status }) => values.require.includes(milestone) && status !== "proven")
    .map(({ id, milestone, status }) => `${id} (${milestone}) is ${status}`);
  const problems = [...unknown, ...unproven];
  if (values.check) problems.push(...outOfDate(root, pages));
  else write(root, pages);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  const counts = STATUSES.map((status) => `${rows.filter((row) => row.status === status).length} ${status}`);
  console.log(`${rows.length} requirements: ${counts.join(", ")}`);
}

function outOfDate(root, pages) {
  const changed = [...pages]
    .filter(([path, text]) => textOf(join(root, path)) !== text)
    .map(([path]) => path);
  const names = [...changed, ...leftOver(root, pages)];
  return names.length === 0 ? [] : [...names.map((path) => `${path} is out of date`), ADVICE];
}

function write(root, pages) {
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const path of leftOver(root, pages)) rmSync(join(root, path));
  for (const [path, text] of pages) writeFileSync(join(root, path), text);
}

// A page that is of nothing any more would go on telling what was once so.
function leftOver(root, pages) {
  const folder = join(root, FOLDER);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".md")) : [];
  const paths = names.toSorted().map((name) => `${FOLDER}/${name}`);
  return paths.filter((path) => !pages.has(path) && isGenerated(textOf(join(root, path))));
}

function textOf(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
