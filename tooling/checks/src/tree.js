// The workspace as the checks see it: its packages, and the source files in a folder.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const NEVER = new Set(["node_modules", "dist", "coverage", ".turbo"]);

/** Every file below a folder whose name ends in one of the endings, sorted. */
export function filesBelow(folder, ...endings) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (NEVER.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesBelow(path, ...endings));
    else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(path);
  }
  return found.sort();
}

/** The packages below `packages/`: folder name and manifest. */
export function packagesOf(root) {
  return readdirSync(join(root, "packages"))
    .sort()
    .map((name) => ({
      name,
      folder: join(root, "packages", name),
      manifest: JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")),
    }));
}

/** What a source file imports: the specifiers of its import and export statements, and of `import()`. */
export function importsOf(source) {
  const found = [];
  const statement =
    /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;
  for (const match of source.matchAll(statement)) found.push(match[1] ?? match[2] ?? match[3]);
  return found;
}
