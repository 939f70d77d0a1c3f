// `npm run check`: every check there is, one after the other, all of them even when one fails.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const script = (name) => [process.execPath, fileURLToPath(new URL(name, import.meta.url))];
const tool = (name) => [
  process.execPath,
  fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url)),
];

/** What is checked, and the command that does it. The types come first: later checks read what they emit. */
const CHECKS = [
  ["types", [...tool("typescript/bin/tsc"), "-b"]],
  ["lint", [...tool("oxlint/bin/oxlint"), "--type-aware", "--deny-warnings"]],
  ["format", [...tool("oxfmt/bin/oxfmt"), "--check"]],
  ["dependency directions", script("directions.js")],
  ["packages", script("packages.js")],
  ["unused files, exports and dependencies", [...tool("knip/bin/knip.js"), "--no-progress"]],
  ["cited requirements", script("citations.js")],
  ["error codes", script("error-codes.js")],
  ["npm start", script("start.js")],
  ["conformance page", [...script("conformance-page.js"), "--check"]],
];

const failed = [];
for (const [name, [command, ...args]] of CHECKS) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`ok    ${name} (${seconds} s)`);
    continue;
  }
  failed.push(name);
  console.log(`FAIL  ${name} (${seconds} s)\n${stdout ?? ""}${stderr ?? ""}${error ?? ""}`);
}

if (failed.length > 0) {
  console.log(`\n${failed.length} of ${CHECKS.length} checks failed: ${failed.join(", ")}`);
  process.exitCode = 1;
} else {
  console.log(`\nall ${CHECKS.length} checks passed`);
}
