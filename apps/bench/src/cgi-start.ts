// How long a CGI program takes from its start to its end, beside a bare script that prints the same: the whole cost of CGI.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packCgi } from "@tsgi/cgi";
import { rowsFromSamples, type Row, type Samples } from "./rows.ts";
import { EXTENSION } from "./scenario.ts";

/** What is measured, and how. */
export interface StartOptions {
  /** The node that runs the programs. */
  readonly node: string;
  readonly nodeOptions: readonly string[];
  readonly rounds: number;
  /** Which programs; null for all. */
  readonly columns: readonly string[] | null;
  readonly onProgress: (text: string) => void;
}

/** What the others are compared with: a script that prints a fixed response. */
export const BARE = "bare";

/** Our programs, each a file in cgi-programs. */
export const PROGRAMS: readonly string[] = ["sync", "async", "hono", "express"];

/** A program that can be started. */
interface Program {
  readonly column: string;
  readonly file: string;
  /** Whether Node's compile cache is on. */
  readonly cached: boolean;
}

type Format = "cjs" | "mjs" | "modules";

const TITLES: Readonly<Record<Format, string>> = {
  cjs: "one CommonJS file, minified; packed: with what V8 compiled; cached: with Node's compile cache",
  mjs: "one ES module, minified; packed: with what V8 compiled; cached: with Node's compile cache",
  modules: "ES modules as they are installed",
};

/** A table of rows and what stands above it. */
export interface StartTable {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Measures all programs on one node: a table for each form a program has. Throws if one does not answer. */
export async function measureStarts(options: StartOptions): Promise<StartTable[]> {
  const directory = mkdtempSync(join(tmpdir(), "tsgi-cgi-start-"));
  try {
    const version = versionOf(options.node);
    const caches = Number(version.split(".")[0]) >= 22;
    const tables: StartTable[] = [];
    for (const format of ["cjs", "mjs", "modules"] as const) {
      // Where tests run the sources, Node cannot.
      if (format === "modules" && EXTENSION === ".ts") continue;
      const programs = await programsOf(format, directory, options, caches);
      const samples = measureAll(programs, format, version, directory, options);
      tables.push({ title: TITLES[format], rows: rowsFromSamples(samples, BARE) });
    }
    return tables;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function programsOf(
  format: Format,
  directory: string,
  { node, columns }: StartOptions,
  caches: boolean,
): Promise<Program[]> {
  const programs: Program[] = [];
  const add = (column: string, text: string | null): void => {
    const extension = format === "cjs" ? "cjs" : "mjs";
    const file =
      text === null ? source(column) : join(directory, `${format}-${column.replace(" ", "-")}.${extension}`);
    if (text !== null) writeFileSync(file, text);
    programs.push({ column, file, cached: false });
    if (caches && !column.endsWith("packed") && column !== BARE) {
      programs.push({ column: `${column} cached`, file, cached: true });
    }
  };
  add(
    BARE,
    format === "cjs"
      ? `const { writeSync } = require("node:fs");\n${PRINT}`
      : `import { writeSync } from "node:fs";\n${PRINT}`,
  );
  for (const program of PROGRAMS) {
    if (columns !== null && !columns.includes(program)) continue;
    if (format === "modules") {
      add(program, null);
      continue;
    }
    add(program, await bundled(program, format));
    add(
      `${program} packed`,
      packCgi(await bundled(program, "cjs"), { format: format === "cjs" ? "cjs" : "esm", node }),
    );
  }
  return programs;
}

const PRINT = `writeSync(1, "Status: 200 OK\\r\\nContent-Type: text/plain; charset=utf-8\\r\\nContent-Length: 13\\r\\n\\r\\nHello, World!");\n`;

function source(program: string): string {
  return fileURLToPath(new URL(`./cgi-programs/${program}${EXTENSION}`, import.meta.url));
}

async function bundled(program: string, format: "cjs" | "mjs"): Promise<string> {
  const { rolldown } = await import("rolldown");
  const bundle = await rolldown({
    input: source(program),
    platform: "node",
    resolve: { conditionNames: [...(EXTENSION === ".ts" ? ["@tsgi/source"] : []), "node", "import"] },
    logLevel: "silent",
  });
  const { output } = await bundle.generate({
    format: format === "cjs" ? "cjs" : "esm",
    minify: true,
    codeSplitting: false,
  });
  await bundle.close();
  return output[0].code;
}

/** Each round starts every program once, and each time another one first. */
function measureAll(
  programs: readonly Program[],
  format: Format,
  version: string,
  directory: string,
  { node, nodeOptions, rounds, onProgress }: StartOptions,
): Samples[] {
  const samples = programs.map(({ column }) => ({
    scenario: `cgi-start-${format}`,
    column,
    node: version,
    unit: "ms from start to end",
    samples: [] as number[],
  }));
  // Round 0 fills the caches, and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    onProgress(`cgi-start-${format}, round ${round} of ${rounds}`);
    for (const turn of programs.keys()) {
      const at = (turn + round) % programs.length;
      const program = programs[at] as Program;
      const time = timeOf(program, [node, ...nodeOptions], directory);
      if (round > 0) samples[at]?.samples.push(time);
    }
  }
  return samples;
}

const REQUEST: Readonly<Record<string, string>> = {
  GATEWAY_INTERFACE: "CGI/1.1",
  HTTP_ACCEPT: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
  HTTP_ACCEPT_ENCODING: "gzip, deflate, br",
  HTTP_HOST: "localhost",
  HTTP_USER_AGENT: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  PATH_INFO: "/",
  QUERY_STRING: "",
  REMOTE_ADDR: "127.0.0.1",
  REMOTE_PORT: "50000",
  REQUEST_METHOD: "GET",
  REQUEST_URI: "/",
  SCRIPT_NAME: "",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
  SERVER_PROTOCOL: "HTTP/1.1",
  SERVER_SOFTWARE: "bench",
};

function timeOf(
  { file, cached, column }: Program,
  [node = "", ...words]: readonly string[],
  directory: string,
): number {
  const env = { PATH: process.env["PATH"], NODE_ENV: "production", ...REQUEST };
  const begin = process.hrtime.bigint();
  const { stdout, stderr, status } = spawnSync(node, [...words, file], {
    env: cached ? { ...env, NODE_COMPILE_CACHE: join(directory, "cache") } : env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const time = Number(process.hrtime.bigint() - begin) / 1e6;
  if (status !== 0 || !String(stdout).endsWith("Hello, World!")) {
    throw new Error(`${column} does not answer: ${status} ${String(stdout)} ${String(stderr)}`);
  }
  return time;
}

function versionOf(node: string): string {
  return String(spawnSync(node, ["-p", "process.versions.node"]).stdout).trim();
}
