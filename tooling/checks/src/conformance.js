// `npm run conformance`: runs the conformance suite on every adapter and runtime and through every web server, keeps the
// reports, and writes docs/conformance.md and the pages beside the reports.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./tree.js";

const REPORTS = join(ROOT, "docs/conformance");

// The reports of the matrix, in a folder of their own, are those of `npm run test:matrix`.
for (const name of readdirSync(REPORTS)) if (name.endsWith(".json")) rmSync(join(REPORTS, name));
const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
const suite = spawnSync(
  process.execPath,
  [vitest, "run", "conformance", "memory-wire", "real-servers", "--reporter=default"],
  {
    cwd: ROOT,
    stdio: "inherit",
    // Without a server its report would be missing, and nobody would notice.
    env: { ...process.env, TSGI_CONFORMANCE_REPORTS: REPORTS, TSGI_REQUIRE_SERVERS: "1" },
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
