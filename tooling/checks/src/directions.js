// Arrows point towards core only: which package may import which, and what core may not import at all.
// The one place of this rule; a new package gets its line here.

import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, filesBelow, importsOf, packagesOf } from "./tree.js";

/** Package → the packages of ours its shipped sources may import. */
export const MAY_IMPORT = {
  core: [],
  process: ["core"],
  node: ["core", "process"],
  express: ["core", "node"],
  fastify: ["core", "node"],
  fetch: ["core"],
  hono: ["core", "fetch", "node"],
  cgi: ["core", "process"],
  fastcgi: ["core", "cgi", "process"],
  threads: ["core"],
  testing: ["core"],
  tsgi: [
    "core",
    "process",
    "node",
    "express",
    "fastify",
    "fetch",
    "hono",
    "cgi",
    "fastcgi",
    "threads",
    "testing",
  ],
};

/** Run-time dependencies from outside that a package may have. */
const OUTSIDE = { node: ["ws"] };

/** Finds every import against the arrows: `[{ file, line, message }]`. */
export function wrongImports(root) {
  const wrong = [];
  for (const { name, folder, manifest } of packagesOf(root)) {
    const allowed = MAY_IMPORT[name];
    if (allowed === undefined) {
      wrong.push({ file: relative(root, folder), message: `no line for this package in directions.js` });
      continue;
    }
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const ours = dependency.startsWith("@tsgi/") ? dependency.slice("@tsgi/".length) : null;
      const fine = ours === null ? OUTSIDE[name]?.includes(dependency) : allowed.includes(ours);
      if (!fine)
        wrong.push({ file: `packages/${name}/package.json`, message: `may not depend on ${dependency}` });
    }
    for (const file of filesBelow(resolve(folder, "src"), ".ts")) {
      if (/\.test(-support)?\.ts$/.test(file) || file.includes("/fixtures/")) continue;
      for (const specifier of importsOf(readFileSync(file, "utf8"))) {
        const message = objection(name, folder, file, specifier, manifest);
        if (message !== null) wrong.push({ file: relative(root, file), message });
      }
    }
  }
  return wrong;
}

function objection(name, folder, file, specifier, manifest) {
  if (specifier.startsWith(".")) {
    const target = resolve(dirname(file), specifier);
    if (!target.startsWith(`${folder}/`)) return `${specifier} leaves the package`;
    if (/\.test(-support)?\.ts$/.test(target)) return `${specifier} is a test file`;
    return null;
  }
  if (specifier.startsWith("node:")) return name === "core" ? `core imports no ${specifier}` : null;
  if (specifier.startsWith("@tsgi/")) {
    const other = specifier.split("/")[1];
    return MAY_IMPORT[name].includes(other) ? null : `${name} may not import ${specifier}`;
  }
  const dependency = specifier.startsWith("@")
    ? specifier.split("/", 2).join("/")
    : specifier.split("/", 1)[0];
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  return dependency in declared ? null : `${specifier} is not a dependency of ${name}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = wrongImports(ROOT);
  for (const { file, message } of wrong) console.error(`${file}: ${message}`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
