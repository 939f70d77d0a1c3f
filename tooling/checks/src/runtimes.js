// `npm run test:runtimes`: the conformance suites of core, fetch and hono, as built, on Bun, Deno and workerd: in memory inside
// each, and served by each over a socket. TSGI_CONFORMANCE_REPORTS names a folder for the reports.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { http1Wire, reportWriter, runSuite } from "@tsgi/testing";
import { linkedModules } from "./runtimes/linked-modules.js";
import { startRuntime } from "./runtimes/started.js";
import { writeWorker } from "./runtimes/workerd.js";
import { ROOT } from "./tree.js";

const MODULES = join(ROOT, "tooling/runtimes/node_modules");
const PROGRAMS = join(ROOT, "packages/hono/dist/fixtures");
const SERVER = join(PROGRAMS, "runtime-server.js");

const IN_MEMORY = ["in memory", "in memory, fetch guest", "in memory, Hono guest"];
const SERVED = ["toFetch", "toHono"];

/** Where each runtime is, and the command that runs a suite. */
const RUNTIMES = [
  {
    name: "Bun",
    file: join(MODULES, "@oven/bun-linux-x64/bin/bun"),
    command: (file, suite) => [file, SERVER, suite],
  },
  {
    name: "Deno",
    file: join(MODULES, "@deno/linux-x64-glibc/deno"),
    command: (file, suite) => [
      file,
      ..."run --quiet --no-lock --no-remote --node-modules-dir=manual".split(" "),
      ..."--allow-net=127.0.0.1 --allow-env --allow-read".split(" "),
      SERVER,
      suite,
    ],
  },
  {
    name: "workerd",
    file: join(MODULES, "@cloudflare/workerd-linux-64/bin/workerd"),
    command: (file, suite, folder) => {
      const modules = linkedModules(ROOT, join(PROGRAMS, "runtime-worker.js"));
      return [file, "serve", "--control-fd=3", writeWorker(folder, modules, suite)];
    },
  },
];

const NAMES = RUNTIMES.map(({ name }) => name);
const SUITES = [...IN_MEMORY, ...SERVED];

const { skipsServed } = await import(pathToFileURL(join(PROGRAMS, "runtime-skips.js")).href);
const onReport = reportWriter(process.env.TSGI_CONFORMANCE_REPORTS);
// `node runtimes.js Bun toFetch`: these runtimes, these suites.
const only = process.argv.slice(2);
const isAsked = (name, names) => only.includes(name) || !names.some((one) => only.includes(one));
const folder = mkdtempSync(join(tmpdir(), "tsgi-runtimes-"));
const all = { passed: 0, failed: 0, skipped: 0 };
let bad = false;

try {
  for (const runtime of RUNTIMES) {
    if (!isAsked(runtime.name, NAMES)) continue;
    if (!existsSync(runtime.file)) missing(runtime.name);
    else await runAll(runtime);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${all.passed} passed, ${all.failed} failed, ${all.skipped} skipped`);
if (bad || all.failed > 0) process.exitCode = 1;

/** Only for Linux on x64 are there packages of all runtimes. */
function missing(name) {
  console.log(`${name}: not installed (npm ci --prefix tooling/runtimes --ignore-scripts)`);
  if (platform() === "linux" && arch() === "x64") bad = true;
}

async function runAll(runtime) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of SUITES) {
    if (!isAsked(suite, SUITES)) continue;
    count(total, await reportOf(runtime, suite, IN_MEMORY.includes(suite) ? inMemory : served));
  }
  const { passed, failed, skipped } = total;
  console.log(`${runtime.name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  for (const state of Object.keys(all)) all[state] += total[state];
}

async function reportOf(runtime, suite, run) {
  const started = performance.now();
  const report = await run(runtime, suite);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  await onReport(report);
  const found = { passed: 0, failed: 0, skipped: 0 };
  count(found, report);
  console.log(`  ${report.adapter}: ${found.passed} passed, ${found.failed} failed (${seconds} s)`);
  for (const { name, state, error } of report.results) {
    if (state === "failed") console.log(`    ✗ ${name}\n      ${error}`);
  }
  return report;
}

function count(total, { results }) {
  for (const { state } of results) total[state] += 1;
}

function start({ file, command }, suite, log) {
  return startRuntime(command(file, suite, join(folder, suite.replace(/\W+/g, "-"))), log);
}

/** The suite inside the runtime, which answers with the report. */
async function inMemory(runtime, suite) {
  const server = await start(runtime, suite, () => {});
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/`);
    const text = await response.text();
    if (response.status !== 200)
      throw new Error(`${suite} on ${runtime.name}:\n${server.said.join("\n")}\n${text}`);
    return JSON.parse(text);
  } finally {
    await server.close();
  }
}

/** The suite from here, against the apps inside the runtime: which of them answers, a field of the request tells. */
async function served(runtime, suite) {
  return runSuite({
    name: `${suite}, served by ${runtime.name}`,
    async serve(_app, log) {
      const server = await start(runtime, suite, log);
      return { wire: http1Wire({ port: server.port }), close: server.close };
    },
    skip: skipsServed(runtime.name),
  });
}
