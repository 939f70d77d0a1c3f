// `npm run test:frameworks`: every test file of the suites in every way, two at a time. A test that passes plainly and not
// through us is a failure, unless exceptions.json says why it cannot pass. `--record` writes plain.json: what a plain run has.

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { exceptionsOf, judge } from "./judge.js";
import { runFile } from "./run-file.js";
import { FOLDER, PACKAGES, filesOf, waysOf } from "./suites.js";

const { values: options } = parseArgs({
  options: {
    way: { type: "string", multiple: true, default: [] },
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "2" },
    record: { type: "boolean", default: false },
    output: { type: "boolean", default: false },
  },
});

const plainFile = `${FOLDER}plain.json`;
/** File → how many of its tests pass plainly, and in which ways requests came through us. */
const plain = JSON.parse(readFileSync(plainFile, "utf8"));
const exceptions = JSON.parse(readFileSync(`${FOLDER}exceptions.json`, "utf8"));
const files = PACKAGES.flatMap((name) => filesOf(name).map((file) => ({ name, file }))).filter(({ file }) =>
  file.includes(options.only),
);

await (options.record ? record() : run());

async function run() {
  const unknown = files.filter(({ file }) => plain[file] === undefined);
  if (unknown.length > 0) throw new Error(`not in plain.json: ${unknown.map(({ file }) => file).join(", ")}`);
  const jobs = files.flatMap(({ name, file }) =>
    plain[file].ways
      .filter((way) => options.way.length === 0 || options.way.includes(way))
      .map((way) => ({ name, file, way })),
  );
  const total = { passed: 0, failed: 0, excepted: 0 };
  const again = [];
  let done = 0;
  await eachOf(jobs, async (job) => {
    const verdict = await runJob(job);
    done += 1;
    const isFine = verdict.failures.length === 0;
    console.log(`${isFine ? "ok   " : "again"} ${done}/${jobs.length} ${describe(job, verdict)}`);
    if (isFine) add(total, verdict);
    else again.push(job);
  });
  // Alone: some of these tests have deadlines of half a second, which two at a time on a busy machine may miss.
  for (const job of again) {
    const verdict = await runJob(job);
    add(total, verdict);
    console.log(`${verdict.failures.length === 0 ? "ok   " : "FAIL "} ${describe(job, verdict)}`);
    for (const { test, why } of verdict.failures) console.log(`      ${test}\n${indented(why)}`);
    if (options.output && verdict.failures.length > 0) console.log(indented(verdict.output));
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.excepted} excepted`);
  process.exitCode = total.failed > 0 || jobs.length === 0 ? 1 : 0;
}

async function runJob({ name, file, way }) {
  const known = exceptionsOf(exceptions, file, way);
  const skipped = [...known].filter(([, { skip }]) => skip).map(([test]) => test);
  const outcome = await runFile(name, file, way, skipped);
  const verdict = await judge({ name, file, outcome, expected: plain[file].tests, exceptions: known });
  return { ...verdict, output: outcome.output, seconds: outcome.seconds };
}

function describe({ file, way }, { passed, excepted, seconds }) {
  const others = excepted > 0 ? `, ${excepted} excepted` : "";
  return `${way} ${file}: ${passed} passed${others} (${seconds.toFixed(1)} s)`;
}

function add(total, { passed, excepted, failures }) {
  total.passed += passed;
  total.excepted += excepted;
  total.failed += failures.length;
}

async function record() {
  await eachOf(files, async ({ name, file }) => {
    const { tests, exit } = await runFile(name, file, null);
    const passing = [...tests.values()].filter(({ passed }) => passed).length;
    const ways = [];
    for (const way of waysOf(name)) {
      const { reached } = await runFile(name, file, way);
      if (reached) ways.push(way);
    }
    // An instance of Fastify on a server of ours has the native pair too.
    if (ways.includes("fastify")) ways.splice(ways.indexOf("native"), 1);
    plain[file] = { tests: passing, ways };
    write();
    console.log(`${file}: ${passing} of ${tests.size} pass (${exit}), ${ways.join(" ") || "no request"}`);
  });
}

function write() {
  const sorted = Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(
    ([file, { tests, ways }]) =>
      `  ${JSON.stringify(file)}: { "tests": ${tests}, "ways": [${ways.map((way) => JSON.stringify(way)).join(", ")}] }`,
  );
  writeFileSync(plainFile, `{\n${lines.join(",\n")}\n}\n`);
}

async function eachOf(jobs, work) {
  const waiting = [...jobs];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await work(job);
  };
  await Promise.all(Array.from({ length: Number(options.jobs) }, worker));
}

function indented(text) {
  return text
    .split("\n")
    .slice(0, options.output ? Infinity : 12)
    .map((line) => `       ${line}`)
    .join("\n");
}
