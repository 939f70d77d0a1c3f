// `npm run test:versions`: the whole test suite on every other Node that tooling/runtimes holds.
// CI fails if one of them is missing; elsewhere a missing one is said and passed over.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./tree.js";

const NODES = ["node22", "node24", "node26"];
const failed = [];

for (const name of NODES) {
  const node = join(ROOT, "tooling/runtimes/node_modules", name, "bin/node");
  if (!existsSync(node)) {
    console.log(`${name}: not installed (npm ci --prefix tooling/runtimes --ignore-scripts)`);
    if (process.env.CI) failed.push(name);
    continue;
  }
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  console.log(`${name}: ${version}`);
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(
    node,
    [
      vitest,
      "run",
      // What nginx and its like send does not depend on the Node behind them: once is enough.
      "--exclude=tooling/real-servers/**",
      "--reporter=default",
      `--reporter=${join(ROOT, "tooling/checks/src/closing-line.js")}`,
    ],
    {
      cwd: ROOT,
      stdio: "inherit",
    },
  );
  if (status !== 0) failed.push(name);
}

if (failed.length > 0) {
  console.error(`failed on ${failed.join(", ")}`);
  process.exitCode = 1;
}
