// The tables of options in the READMEs, made of the sources: each option, its default and what it is for stand in its TSDoc
// alone. `node tooling/checks/src/option-tables.js` rewrites them; a test fails while one says something else.

import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, filesBelow } from "./tree.js";

/** Where a table stands: the marker names the interface whose members are its rows. */
const TABLE = /(<!-- options: (\w+) -->\n).*?(<!-- end of options -->)/gs;
const MEMBER = /\/\*\*((?:(?!\*\/).)*)\*\/\s*readonly (\w+)\??:/gs;

/**
 * Compares the tables of every README with the sources.
 *
 * @returns {{ page: string, text: string, stale: boolean }[]} Each page that has tables, as it should be.
 */
export function optionTables(root) {
  const sources = filesBelow(join(root, "packages"), ".ts").map((file) => readFileSync(file, "utf8"));
  return filesBelow(join(root, "packages"), "README.md").flatMap((file) => {
    const before = readFileSync(file, "utf8");
    const page = relative(root, file);
    const text = before.replace(TABLE, (_, start, name, end) => start + tableOf(name, sources, page) + end);
    return text.includes("<!-- options:") ? [{ page, text, stale: text !== before }] : [];
  });
}

function tableOf(name, sources, page) {
  const body = sources.map((source) => bodyOf(name, source)).find((found) => found !== null);
  if (body === undefined) throw new Error(`${page} has a table of ${name}, which no source declares`);
  const rows = optionsOf(body).map(
    ({ option, text, fallback }) => `| \`${option}\` | ${fallback} | ${text} |`,
  );
  return [
    "<!-- prettier-ignore-start -->",
    "",
    "| Option | Default | What it is for |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "<!-- prettier-ignore-end -->",
    "",
  ].join("\n");
}

function bodyOf(name, source) {
  const found = new RegExp(`^export interface ${name}\\b[^{]*\\{\n(.*?)^\\}`, "ms").exec(source);
  return found === null ? null : found[1];
}

/** The options of an interface: what their TSDoc says before "Default:" and after, and the default. */
export function optionsOf(body) {
  return Array.from(body.matchAll(MEMBER), ([, comment, option]) => {
    const said = cell(comment.replace(/^\s*\* ?/gm, " "));
    const [, before, fallback, after] = /^(.*?)\s*Default: (.*?)(?:\. (.*)|\.)?$/s.exec(said) ?? [];
    if (fallback === undefined) return { option, text: said, fallback: "" };
    return { option, text: [before, after].filter(Boolean).join(" "), fallback };
  });
}

/** Text of a comment as it may stand in a table. */
function cell(comment) {
  return comment
    .replace(/\{@link (\w+)(?:\.(\w+))?\}/g, (_, name, member) => `\`${member ?? name}\``)
    .replace(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { page, text, stale } of optionTables(ROOT)) {
    if (!stale) continue;
    writeFileSync(join(ROOT, page), text);
    console.log(`rewrote ${page}`);
  }
}
