// Which programs are on this machine, and what becomes of a test whose programs are not.
// A skip says its reason in words; where the environment has TSGI_REQUIRE_SERVERS=1, as in CI, it is a failure.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, test } from "vitest";

/** Debian keeps servers in directories that are not in every user's PATH. */
const FOLDERS: readonly string[] = [
  ...(process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""),
  "/usr/local/sbin",
  "/usr/sbin",
  "/sbin",
];

/** Where a program is; `null` if it is not on this machine. A name with a slash in it is taken as a path. */
export function findProgram(program: string): string | null {
  const paths = program.includes("/") ? [program] : FOLDERS.map((folder) => join(folder, program));
  return paths.find(isExecutable) ?? null;
}

/**
 * Where a program is.
 *
 * @throws if it is not on this machine.
 */
export function pathOf(program: string): string {
  const path = findProgram(program);
  if (path === null) throw new Error(`${program} is not installed`);
  return path;
}

/**
 * Whether a program is on this machine: for `describe.skipIf(!has("nginx"))`, where `describeWith` does not fit.
 *
 * @throws if it is not, and TSGI_REQUIRE_SERVERS=1 says that it must be.
 */
export function has(program: string): boolean {
  const found = findProgram(program) !== null;
  if (!found && isRequired()) throw new Error(`${program} is not installed, and TSGI_REQUIRE_SERVERS=1`);
  return found;
}

/** Why tests that need these programs cannot run, in words; `null` if they can. A file, such as an Apache module, counts. */
export function reasonWithout(programs: readonly string[]): string | null {
  const missing = programs.filter((program) => findProgram(program) === null);
  if (missing.length === 0) return null;
  if (missing.length === 1) return `${missing[0]} is not installed`;
  return `${missing.slice(0, -1).join(", ")} and ${missing.at(-1)} are not installed`;
}

/**
 * A `describe` that needs programs. Without them it is skipped, and its name says why; with TSGI_REQUIRE_SERVERS=1 it
 * is a test that fails with the same words.
 */
export function describeWith(programs: readonly string[], name: string, body: () => void): void {
  describeUnless(reasonWithout(programs), name, body);
}

/** A `describe` that cannot run for this reason, or runs if there is none. */
export function describeUnless(reason: string | null, name: string, body: () => void): void {
  if (reason === null) describe(name, body);
  else if (isRequired()) test(name, () => Promise.reject(new Error(`${reason}, and TSGI_REQUIRE_SERVERS=1`)));
  else describe.skip(`${name} (${reason})`, body);
}

function isRequired(): boolean {
  return process.env["TSGI_REQUIRE_SERVERS"] === "1";
}

function isExecutable(path: string): boolean {
  try {
    // Apache's modules are files without the x bit.
    accessSync(path, path.endsWith(".so") ? constants.R_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
