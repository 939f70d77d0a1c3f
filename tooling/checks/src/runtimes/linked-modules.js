// A program as a list of modules without bare specifiers, for a runtime that has no node_modules: what a bundler would do
// first, and nothing of the rest, so that what runs is what is shipped.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** The conditions of `exports` that hold in a Worker. */
const CONDITIONS = new Set(["workerd", "worker", "import", "default"]);

const SPECIFIER = /(\bfrom\s*|\bimport\s*\(\s*|\bimport\s*)(["'])([^"'\n]+)\2/g;

/**
 * Collects a module and all it imports.
 *
 * @param {string} root - The folder that all of them are below.
 * @param {string} entry - The file of the first module.
 * @returns {{ name: string, source: string }[]} The entry first; names are relative to the root.
 */
export function linkedModules(root, entry) {
  const modules = [];
  const seen = new Set();
  const add = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    const imported = [];
    const link = (whole, before, quote, specifier) => {
      const target = fileOf(specifier, file, root);
      if (target === null) return whole;
      imported.push(target);
      const path = relative(dirname(file), target);
      return `${before}${quote}${path.startsWith(".") ? path : `./${path}`}${quote}`;
    };
    const source = readFileSync(file, "utf8").replace(SPECIFIER, link);
    modules.push({ name: relative(root, file), source });
    for (const target of imported) add(target);
  };
  add(realpathSync(entry));
  return modules;
}

/** The file of a specifier; `null` for a module of the runtime itself. */
function fileOf(specifier, from, root) {
  if (specifier.startsWith("node:")) return null;
  if (specifier.startsWith(".")) {
    const file = resolve(dirname(from), specifier);
    // What only looks like an import, in a string or a comment, leads nowhere.
    return existsSync(file) ? realpathSync(file) : null;
  }
  const [, name, rest] = /^((?:@[^/]+\/)?[^/]+)(.*)$/.exec(specifier) ?? [];
  const folder = join(root, "node_modules", name ?? "");
  if (name === undefined || !existsSync(join(folder, "package.json"))) return null;
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const target = targetOf(exports[`.${rest}`]);
  if (target === null) throw new Error(`${name} exports no "${specifier}", which ${from} imports`);
  return realpathSync(join(folder, target));
}

function targetOf(entry) {
  if (typeof entry === "string") return entry;
  for (const [condition, value] of Object.entries(entry ?? {})) {
    const found = CONDITIONS.has(condition) ? targetOf(value) : null;
    if (found !== null) return found;
  }
  return null;
}
