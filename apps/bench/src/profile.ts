// Where a server's CPU time goes: runs a column under V8's CPU profiler and prints the functions with most self time.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchOutput } from "./bench.ts";
import { ColumnProcess, startLoad } from "./column-process.ts";
import { amountOf } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import type { Scenario } from "./scenario.ts";
import { selfTimes, type CpuProfile } from "./self-times.ts";

/** How many functions are printed. */
const TOP = 40;

/** How many rounds' requests are profiled. */
const ROUNDS = 10;

/** Microseconds between two samples. */
const INTERVAL = 250;

/** Profiles one column in one scenario. Gives exit status 0. */
export async function profile(
  options: BenchOptions,
  scenario: Scenario,
  { out, progress }: BenchOutput,
): Promise<number> {
  const folder = fileURLToPath(new URL("../results/", import.meta.url));
  const name = `${options.column}-${scenario.name}.cpuprofile`;
  mkdirSync(folder, { recursive: true });
  const load = await startLoad({ options: options.nodeOptions });
  try {
    const server = await ColumnProcess.start(options.column, scenario, load, {
      path: options.nodes[0] ?? process.execPath,
      options: [
        ...options.nodeOptions,
        "--cpu-prof",
        `--cpu-prof-dir=${folder}`,
        `--cpu-prof-name=${name}`,
        `--cpu-prof-interval=${INTERVAL}`,
      ],
    });
    if (server === null) throw new Error(`${options.column} has no ${scenario.endpoint}`);
    try {
      progress(`profile ${options.column} ${scenario.name}`);
      await server.connected(scenario.connections, () => server.run(amountOf(scenario, options) * ROUNDS));
    } finally {
      await server.stop();
    }
  } finally {
    progress("");
    await load.stop();
  }
  const file = join(folder, name);
  const times = selfTimes(JSON.parse(readFileSync(file, "utf8")) as CpuProfile);
  const busy = times.reduce((sum, one) => sum + one.microseconds, 0);
  const lines = times
    .slice(0, TOP)
    .map(({ microseconds, what }) => `  ${((100 * microseconds) / busy).toFixed(1).padStart(5)} %  ${what}`);
  out(`${options.column} ${scenario.name}: self time, start-up included\n${lines.join("\n")}\n${file}\n`);
  return 0;
}
