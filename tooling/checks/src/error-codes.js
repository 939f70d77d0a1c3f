// Every error code in the sources stands in docs/errors.md, and every code there is still in use.

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, filesBelow } from "./tree.js";

const CODE = /\bTSGI_ERR_[A-Z0-9_]+\b/g;

/** Compares sources and page: `[message]`. */
export function codeMismatches(root) {
  const used = new Map();
  for (const file of filesBelow(join(root, "packages"), ".ts")) {
    if (/\.test(-support)?\.ts$/.test(file)) continue;
    for (const [code] of readFileSync(file, "utf8").matchAll(CODE)) {
      if (!used.has(code)) used.set(code, relative(root, file));
    }
  }
  const documented = new Set(readFileSync(join(root, "docs", "errors.md"), "utf8").match(CODE) ?? []);
  return [
    ...[...used]
      .filter(([code]) => !documented.has(code))
      .map(([code, file]) => `${code} (${file}) is not in docs/errors.md`),
    ...[...documented]
      .filter((code) => !used.has(code))
      .map((code) => `${code} is in docs/errors.md, but in no source`),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mismatches = codeMismatches(ROOT);
  for (const message of mismatches) console.error(message);
  process.exitCode = mismatches.length > 0 ? 1 : 0;
}
