// One test file in a process of its own, plainly or through us: which tests passed, and whether requests came through.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FOLDER, TAKES_TRAILERS, folderOf } from "./suites.js";
import { testsInTap } from "./tap.js";

/** The longest a file may take, in milliseconds; the slowest takes 12 seconds by itself. */
const TIME_LIMIT = 60_000;

const PRELOAD = new URL("preload.js", import.meta.url).href;

/**
 * Runs a file.
 *
 * @param {string} name - The package it is from.
 * @param {string} file - As `filesOf` has it.
 * @param {string | null} way - What its listeners are put behind; `null` for nothing.
 * @param {string[]} skipped - Tests that are not run: without an end, they would keep those behind them from running.
 * @returns {Promise<{ tests: Map<string, { passed: boolean, why: string | null }>, reached: boolean, exit: string,
 *   seconds: number, output: string }>}
 */
export async function runFile(name, file, way, skipped = []) {
  const folder = mkdtempSync(join(tmpdir(), "tsgi-suite-"));
  const results = join(folder, "results");
  const requests = join(folder, "requests");
  const output = join(folder, "output");
  const fd = openSync(output, "w");
  const started = performance.now();
  const env = { ...process.env, TSGI_SUITE_WAY: way ?? "", TSGI_SUITE_REQUESTS: requests };
  if (TAKES_TRAILERS.includes(file)) env.TSGI_SUITE_TE = "trailers";
  delete env.NODE_EXTRA_CA_CERTS;
  delete env.NODE_OPTIONS;
  const child = spawn(
    process.execPath,
    [
      ...(way === null ? [] : [`--import=${PRELOAD}`]),
      ...(skipped.length === 0 ? [] : [`--test-name-pattern=${patternWithout(skipped)}`]),
      "--test-reporter=tap",
      `--test-reporter-destination=${results}`,
      join(FOLDER, "node_modules", file),
    ],
    // A group of its own, so that what it has started ends with it.
    { cwd: folderOf(name), env, stdio: ["ignore", fd, fd], detached: true },
  );
  closeSync(fd);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, TIME_LIMIT);
  const [code, signal] = await once(child, "exit");
  clearTimeout(timer);
  const exit = late ? `not at an end after ${TIME_LIMIT / 1000} s` : (signal ?? `exit ${code}`);
  const outcome = {
    tests: testsInTap(read(results)),
    reached: existsSync(requests),
    exit,
    seconds: (performance.now() - started) / 1000,
    output: read(output),
  };
  rmSync(folder, { recursive: true });
  return outcome;
}

/** A pattern of every name but some. node:test takes a test whose parent's name fits, and all of a file have one. */
function patternWithout(names) {
  const escaped = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return `/^(?!(?:<root>|${escaped.join("|")})$)/`;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
