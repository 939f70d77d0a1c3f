// The soak: very many requests to one server; its memory must be as flat at the end as after the first tenth.
import { writeFileSync } from "node:fs";
import type { BenchOutput } from "./bench.ts";
import { ColumnProcess, startLoad } from "./column-process.ts";
import type { BenchOptions } from "./options.ts";
import type { Scenario } from "./scenario.ts";

/** How many requests a soak sends unless `--requests` says otherwise. */
const MILLION = 1_000_000;

/** How much the heap may grow between the first tenth and the end, in bytes, and still be called flat. */
const FLAT = 1024 * 1024;

/** How many requests are sent between two lines of progress. */
const STEP = 10_000;

/** Soaks one column. Gives exit status 1 if its heap grew by more than 1 MiB. */
export async function soak(
  options: BenchOptions,
  scenario: Scenario,
  { out, progress }: BenchOutput,
): Promise<number> {
  const total = options.requests ?? MILLION;
  const tenth = Math.ceil(total / 10);
  const load = await startLoad({ options: options.nodeOptions });
  const node = { path: options.nodes[0] ?? process.execPath, options: options.nodeOptions };
  let server: ColumnProcess | null = null;
  try {
    server = await ColumnProcess.start(options.column, scenario, load, node);
    if (server === null) throw new Error(`${options.column} has no ${scenario.endpoint}`);
    const running = server;
    const send = (from: number, to: number): Promise<void> =>
      running.connected(scenario.connections, async () => {
        for (let sent = from; sent < to; sent += STEP) {
          progress(`soak ${options.column}: ${sent} of ${total} requests`);
          await running.run(Math.min(STEP, to - sent));
        }
      });
    await send(0, tenth);
    const early = await running.memory(0);
    await send(tenth, total);
    const late = await running.memory(0);
    progress("");
    const growth = late.heap - early.heap;
    const flat = growth <= FLAT;
    out(
      `soak ${options.column} ${scenario.name}, Node ${running.node}: ${total} requests\n` +
        `  heap ${mebibytes(early.heap)} after 10 %, ${mebibytes(late.heap)} at the end: ${flat ? "flat" : "GROWING"}\n` +
        `  rss  ${mebibytes(early.rss)} after 10 %, ${mebibytes(late.rss)} at the end\n`,
    );
    if (options.json !== null) {
      const result = { scenario: scenario.name, column: options.column, node: running.node, requests: total };
      writeFileSync(options.json, `${JSON.stringify({ ...result, early, late, flat }, null, 2)}\n`);
    }
    return flat ? 0 : 1;
  } finally {
    progress("");
    await server?.stop();
    await load.stop();
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)} MiB`;
}
