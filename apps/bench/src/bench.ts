// The bench's modes: measure and print, profile, soak, list.
import { readFileSync, writeFileSync } from "node:fs";
import { columnNames, isBehindNginx, isInFrontOfPhp } from "./column.ts";
import { startLoad } from "./column-process.ts";
import { BARE, PROGRAMS, measureStarts } from "./cgi-start.ts";
import { measureScenario, processorName, type Failure, type Measured } from "./measure.ts";
import { HELP, UsageError, type BenchOptions } from "./options.ts";
import { profile } from "./profile.ts";
import { writeReadme } from "./readme.ts";
import type { Row } from "./rows.ts";
import { loadScenarios, type Scenario } from "./scenario.ts";
import { soak } from "./soak.ts";
import { tablesOf, textTable } from "./table.ts";

/** Where the bench says things. */
export interface BenchOutput {
  /** Results, as text. */
  readonly out: (text: string) => void;
  /** What is being done just now; empty when nothing. */
  readonly progress: (text: string) => void;
}

/** Does what the options say. Gives the exit status. Throws {@link UsageError} for a name that does not exist. */
export async function runBench(options: BenchOptions, output: BenchOutput): Promise<number> {
  const scenarios = await loadScenarios();
  switch (options.mode) {
    case "help":
      output.out(HELP);
      return 0;
    case "list":
      output.out(listing(scenarios));
      return 0;
    case "cgi-start":
      return measureCgiStarts(options, output);
    case "profile":
      chosen([options.column], columnNames(), "column");
      return profile(options, onlyScenario(scenarios, options.scenario), output);
    case "soak":
      chosen([options.column], columnNames(), "column");
      return soak(options, onlyScenario(scenarios, options.scenario), output);
    default:
      return measure(options, scenarios, output);
  }
}

async function measure(
  options: BenchOptions,
  scenarios: readonly Scenario[],
  output: BenchOutput,
): Promise<number> {
  if (options.from.length > 0) {
    const rows = rowsFromFiles(options.from);
    printTables(rows, scenarios, options.base, output);
    keep(rows, options);
    return 0;
  }
  const { rows, failures } = await measureAll(options, scenarios, output);
  keep(rows, options);
  return failures.length === 0 ? 0 : 1;
}

async function measureCgiStarts(options: BenchOptions, { out, progress }: BenchOutput): Promise<number> {
  if (options.columns !== null) chosen(options.columns, PROGRAMS, "program");
  const rows: Row[] = [];
  for (const node of options.nodes) {
    const tables = await measureStarts({ ...options, node, onProgress: progress });
    progress("");
    for (const table of tables) {
      out(`${textTable(table.rows, table.title, BARE)}\n`);
      rows.push(...table.rows);
    }
  }
  keep(rows, { ...options, readme: false });
  return 0;
}

function keep(rows: readonly Row[], options: BenchOptions): void {
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (options.readme) writeReadme(rows, { date: new Date(), processor: processorName() });
}

async function measureAll(
  options: BenchOptions,
  scenarios: readonly Scenario[],
  { out, progress }: BenchOutput,
): Promise<Measured> {
  const wanted =
    options.only === null ? scenarios : options.only.map((name) => onlyScenario(scenarios, name));
  const all = columnNames();
  const named =
    options.columns ??
    all.filter((name) => !isInFrontOfPhp(name) && isBehindNginx(name) === options.behindNginx);
  chosen([...named, options.base], all, "column");
  const columns = all.filter((name) => named.includes(name) || name === options.base);
  const rows: Row[] = [];
  const failures: Failure[] = [];
  const load = await startLoad({ options: options.nodeOptions });
  try {
    for (const path of options.nodes) {
      for (const scenario of wanted) {
        const measured = await measureScenario(scenario, load, {
          ...options,
          columns,
          node: { path, options: options.nodeOptions },
          onProgress: progress,
        });
        progress("");
        rows.push(...measured.rows);
        failures.push(...measured.failures);
        printTables(measured.rows, scenarios, options.base, { out, progress });
        for (const failure of measured.failures)
          out(`${failure.scenario}, ${failure.column}: ${failure.message}\n\n`);
      }
    }
  } finally {
    progress("");
    await load.stop();
  }
  return { rows, failures };
}

function printTables(
  rows: readonly Row[],
  scenarios: readonly Scenario[],
  base: string,
  { out }: BenchOutput,
): void {
  for (const table of tablesOf(rows)) {
    const name = table[0]?.scenario ?? "";
    const scenario = scenarios.find((one) => one.name === name || name.startsWith(`${one.name}-`));
    out(`${textTable(table, scenario?.title ?? "", base)}\n`);
  }
}

function rowsFromFiles(files: readonly string[]): Row[] {
  return files.flatMap((file) => JSON.parse(readFileSync(file, "utf8")) as Row[]);
}

function onlyScenario(scenarios: readonly Scenario[], name: string): Scenario {
  chosen(
    [name],
    scenarios.map((scenario) => scenario.name),
    "scenario",
  );
  return scenarios.find((scenario) => scenario.name === name) as Scenario;
}

function chosen(names: readonly string[], all: readonly string[], what: string): void {
  for (const name of names) {
    if (!all.includes(name)) throw new UsageError(`There is no ${what} ${name}. There are ${all.join(", ")}`);
  }
}

function listing(scenarios: readonly Scenario[]): string {
  const width = Math.max(...scenarios.map((scenario) => scenario.name.length));
  const rows = scenarios.map((scenario) => `  ${scenario.name.padEnd(width)}  ${scenario.title}`);
  return `Scenarios\n${rows.join("\n")}\nColumns\n${columnNames()
    .map((name) => `  ${name}`)
    .join("\n")}\n`;
}
