// Which test proves which requirement: finds the ids that tests and conformance cases cite, and fails on one that does not exist.
// Source: the rule that a test title ends with the ids it proves, `test("a late throw aborts [A45 W50]", …)`.

import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readRequirements } from "./requirement-list.js";
import { tokensOf } from "./source-tokens.js";

const ROOMS = ["packages", "apps", "tooling"];
const CASES = "packages/testing/src/cases/";
const LAST_GROUP = /\s*\[([^[\]]*)\]$/;
const IDS = /^[A-Z]+\d+(?: [A-Z]+\d+)*$/;
const ALMOST_IDS = /^(?:W|A|CH?|FC?|X|S)\d/;
const TEST_WORDS = new Set(["test", "it", "describe", "suite", "bench"]);
const NOT_RUN = new Set(["skip", "todo"]);

/** Stands for the name of a case that is put together when the suite runs: only its report tells it. */
export const NAMELESS = "(a case without a written name)";

/**
 * @typedef {object} Citation
 * @property {string} id - The cited id as written, which may not exist; of a malformed bracket, its text.
 * @property {string} file - Where it is cited, from the root, with forward slashes.
 * @property {number} line - The line of the title or of the id in `proves`.
 * @property {string} title - The test title without its citation, or the name of the case.
 * @property {"test" | "case"} kind - A test title, or the `proves` of a conformance case.
 * @property {boolean} skipped - Whether the test is written as skipped or to do, and so proves nothing.
 */

/**
 * Finds every citation of the repository, in the order of files and lines.
 *
 * @param {string} root - The repository.
 * @returns {Citation[]}
 */
export function findCitations(root) {
  const files = ROOMS.flatMap((room) => filesUnder(root, room));
  return files.flatMap((file) => {
    if (file.endsWith(".test.ts")) return testCitations(read(root, file), file);
    if (file.startsWith(CASES) && file.endsWith(".ts")) return caseCitations(read(root, file), file);
    return [];
  });
}

/**
 * Checks that every cited id exists.
 *
 * @param {string} root - The repository.
 * @returns {{ citations: Citation[], problems: string[] }} One line with file and line for each id that does not.
 */
export function checkCitations(root) {
  const requirements = readRequirements(root);
  const citations = findCitations(root);
  const problems = citations
    .filter(({ id }) => !requirements.has(id))
    .map(({ id, file, line, title }) => `${file}:${line}: "${title}" cites [${id}], which is no requirement`);
  return { citations, problems };
}

/**
 * Takes a test title apart. A bracket group that begins like an id but is none, such as a range, is given as it stands.
 *
 * @param {string} title - The title of a test.
 * @returns {{ text: string, ids: string[] }} The title without its citation, and the ids in the order they are written.
 */
export function splitTitle(title) {
  const ids = [];
  let text = title;
  for (let group = LAST_GROUP.exec(text); group !== null; group = LAST_GROUP.exec(text)) {
    const [whole, content] = group;
    if (IDS.test(content)) ids.unshift(...content.split(" "));
    else if (ALMOST_IDS.test(content)) ids.unshift(content);
    else break;
    text = text.slice(0, -whole.length);
  }
  return { text, ids };
}

function testCitations(source, file) {
  const tokens = tokensOf(source);
  return tokens.flatMap((token, index) => {
    if (token.type !== "string") return [];
    const { text, ids } = splitTitle(token.value);
    if (ids.length === 0 || !isTitle(tokens, index, text)) return [];
    const skipped = isSkipped(tokens, index);
    return ids.map((id) => ({ id, file, line: token.line, title: text, kind: "test", skipped }));
  });
}

// A title is the first argument of a test call or of a function of the test file, or stands in a table of tests:
// the first cell of a row, or a property called name or title. A message given to `expect` or to an error is none.
function isTitle(tokens, index, text) {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (before?.value === ":") return ["name", "title"].includes(tokens[index - 2]?.value);
  if (after?.value !== ",") return false;
  if (before?.value === "[") return text !== "" && !isOperand(tokens[index - 2]);
  if (before?.value !== "(") return false;
  const callee = calleeOf(tokens, index - 1);
  return TEST_WORDS.has(callee[0]) || (callee.length === 1 && callee[0] !== "expect");
}

function isSkipped(tokens, index) {
  for (let at = tokens[index].parent; at !== -1; at = tokens[at].parent) {
    if (tokens[at].value !== "(") continue;
    const callee = calleeOf(tokens, at);
    if (TEST_WORDS.has(callee[0]) && callee.some((word) => NOT_RUN.has(word))) return true;
  }
  return false;
}

// The words before an opening bracket: `test.each<Row>(rows)(` gives test, each; `new TypeError(` gives new, TypeError.
function calleeOf(tokens, bracket) {
  let at = beforeTypes(tokens, bracket - 1);
  if (tokens[at]?.value === ")" && tokens[at].partner !== -1)
    at = beforeTypes(tokens, tokens[at].partner - 1);
  else if (tokens[at]?.type === "string") at -= 1;
  const words = [];
  for (; tokens[at]?.type === "word"; at -= 2) {
    words.unshift(tokens[at].value);
    if (["new", "function"].includes(tokens[at - 1]?.value)) return [tokens[at - 1].value, ...words];
    if (tokens[at - 1]?.value !== ".") return words;
  }
  return ["", ...words];
}

function beforeTypes(tokens, end) {
  if (tokens[end]?.value !== ">" || tokens[end].type !== "punctuator") return end;
  for (let at = end, depth = 0; at >= 0; at -= 1) {
    if (tokens[at].value === ">" && tokens[at - 1]?.value !== "=") depth += 1;
    if (tokens[at].value === "<") depth -= 1;
    if (depth === 0) return at - 1;
  }
  return end;
}

function isOperand(token) {
  return token?.type === "word" || [")", "]"].includes(token?.value);
}

function caseCitations(source, file) {
  const tokens = tokensOf(source);
  return tokens.flatMap((token, index) => {
    const list = index + 2;
    if (token.value !== "proves" || tokens[index + 1]?.value !== ":" || tokens[list]?.value !== "[")
      return [];
    const title = caseName(tokens, token.parent);
    return tokens
      .slice(list + 1, tokens[list].partner)
      .filter(({ type }) => type === "string")
      .map(({ value, line }) => ({ id: value, file, line, title, kind: "case", skipped: false }));
  });
}

function caseName(tokens, brace) {
  const at = tokens.findIndex(
    ({ value, parent }, index) => parent === brace && value === "name" && tokens[index + 1]?.value === ":",
  );
  return tokens[at + 2]?.type === "string" && at !== -1 ? tokens[at + 2].value : NAMELESS;
}

function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !name.startsWith(".") && !["node_modules", "dist", "coverage"].includes(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesUnder(root, path);
      return entry.isFile() ? [path] : [];
    });
}

function read(root, file) {
  return readFileSync(join(root, file), "utf8");
}

function main() {
  const root = resolve(process.argv[2] ?? fileURLToPath(new URL("../../..", import.meta.url)));
  const { citations, problems } = checkCitations(root);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  const ids = new Set(citations.map(({ id }) => id));
  console.log(`${citations.length} citations of ${ids.size} ids, ${problems.length} of them wrong`);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) main();
