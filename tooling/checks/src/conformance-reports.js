// The reports the conformance suite leaves behind, one JSON file per adapter, read and checked.
// Source: `testAdapter` of @tsgi/testing writes them; docs/conformance.md and the pages beside them show them.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const STATES = ["passed", "failed", "skipped"];

/**
 * @typedef {object} Result
 * @property {string} name - The name of the case.
 * @property {string[]} proves - The ids of the requirements it proves.
 * @property {"passed" | "failed" | "skipped"} state
 * @property {string} [reason] - Why it was skipped.
 *
 * @typedef {object} Report
 * @property {string} adapter - The name of the adapter, a line of the page.
 * @property {Result[]} results
 */

/**
 * Reads every report of a folder, ordered by adapter; a folder that does not exist holds none.
 *
 * @param {string} folder - The folder of the reports.
 * @param {ReadonlyMap<string, unknown>} requirements - The requirements by id.
 * @returns {Report[]}
 * @throws {Error} When a file is no report, or when two are of one adapter, cite an unknown id or skip without a reason.
 */
export function readReports(folder, requirements) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  const reports = names.toSorted().map((name) => reportIn(folder, name));
  const problems = [
    ...repeated(reports.map(({ adapter }) => adapter)).map(
      (adapter) => `two reports are of adapter "${adapter}"`,
    ),
    ...reports.flatMap((report) => problemsOf(report, requirements)),
  ];
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return reports.toSorted((a, b) => (a.adapter < b.adapter ? -1 : 1));
}

function reportIn(folder, name) {
  let report;
  try {
    report = JSON.parse(readFileSync(join(folder, name), "utf8"));
  } catch (error) {
    throw new Error(`${name} is no JSON`, { cause: error });
  }
  const isReport =
    typeof report?.adapter === "string" && Array.isArray(report.results) && report.results.every(isResult);
  if (!isReport) throw new Error(`${name} is no conformance report`);
  return report;
}

function isResult(result) {
  return typeof result?.name === "string" && Array.isArray(result.proves) && STATES.includes(result.state);
}

function problemsOf({ adapter, results }, requirements) {
  return [
    ...repeated(results.map(({ name }) => name)).map((name) => `${adapter}: case "${name}" was run twice`),
    ...results.flatMap(({ name, proves, state, reason }) => [
      ...proves
        .filter((id) => !requirements.has(id))
        .map((id) => `${adapter}: case "${name}" proves [${id}], which is no requirement`),
      ...(state === "skipped" && !reason ? [`${adapter}: case "${name}" is skipped without a reason`] : []),
    ]),
  ];
}

function repeated(names) {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
