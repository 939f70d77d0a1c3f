// The requirements, read as text from their data files, so that a check needs neither a build nor a newer Node.
// Source: packages/testing/src/requirements.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { tokensOf } from "./source-tokens.js";

const FOLDER = "packages/testing/src/requirements";
const FIELDS = ["group", "milestone", "text", "source"];
const ID = /^([A-Z]+)(\d+)$/;
const LETTERS = ["W", "A", "C", "CH", "F", "FC", "X", "S"];

/**
 * Reads every requirement of the project, in the order of the list: W, A, C, CH, F, FC, X, S.
 *
 * @param {string} root - The repository.
 * @returns {Map<string, { group: string, milestone: string, text: string, source: string }>} By id.
 * @throws {Error} When there is none, when one is written twice, or when one lacks a field.
 */
export function readRequirements(root) {
  const folder = join(root, FOLDER);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^\w[\w-]*\.ts$/.test(name)) : [];
  const entries = files.flatMap((name) =>
    entriesOf(readFileSync(join(folder, name), "utf8"), `${FOLDER}/${name}`),
  );
  if (entries.length === 0) throw new Error(`${FOLDER} holds no requirement`);
  const requirements = new Map();
  for (const [id, requirement] of entries.toSorted(([a], [b]) => rank(a) - rank(b))) {
    if (requirements.has(id)) throw new Error(`${id} is written twice`);
    requirements.set(id, requirement);
  }
  return requirements;
}

// An entry is `W1: { group: "…", milestone: "…", text: "…", source: "…" }`.
function entriesOf(source, file) {
  const tokens = tokensOf(source);
  const entries = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type !== "word" || !ID.test(token.value)) continue;
    if (tokens[index + 1]?.value !== ":" || tokens[index + 2]?.value !== "{") continue;
    entries.push([token.value, requirementAt(tokens, index + 2, `${file}:${token.line}: ${token.value}`)]);
  }
  return entries;
}

function requirementAt(tokens, brace, where) {
  const requirement = {};
  for (const field of FIELDS) {
    const at = tokens.findIndex(
      ({ value, parent }, index) => index > brace && parent === brace && value === field,
    );
    const text = tokens[at + 2];
    if (at === -1 || text?.type !== "string" || text.value === "")
      throw new Error(`${where} has no ${field}`);
    requirement[field] = text.value;
  }
  return requirement;
}

function rank(id) {
  const [, letters, number] = ID.exec(id);
  return LETTERS.indexOf(letters) * 1000 + Number(number);
}
