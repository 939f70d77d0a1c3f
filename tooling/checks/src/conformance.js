// `npm run conformance`: runs the conformance suite on every adapter and runtime, keeps the reports, and writes
// docs/conformance.md.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./tree.js";

const REPORTS = join(ROOT, "docs/conformance");

rmSync(REPORTS, { recursive: true, force: true });
const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
const suite = spawnSync(
  process.execPath,
  [vitest, "run", "conformance", "memory-wire", "--reporter=default"],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, TSGI_CONFORMANCE_REPORTS: REPORTS },
  },
);
const runtimes = spawnSync(process.execPath, [fileURLToPath(new URL("runtimes.js", import.meta.url))], {
  cwd: ROOT,
  stdio: "inherit",
  env: { ...process.env, TSGI_CONFORMANCE_REPORTS: REPORTS },
});
const page = spawnSync(process.execPath, [fileURLToPath(new URL("conformance-page.js", import.meta.url))], {
  cwd: ROOT,
  stdio: "inherit",
});
process.exitCode = suite.status || runtimes.status || page.status || 0;
