// The rounds: all columns of a scenario side by side, in turn, so that what disturbs the machine disturbs them alike.
import { cpus } from "node:os";
import { ColumnProcess, type LoadProcess } from "./column-process.ts";
import type { NodeChoice } from "./child.ts";
import { rowsFromSamples, type Row, type Samples } from "./rows.ts";
import type { Scenario } from "./scenario.ts";

/** How a measurement is to be made. */
export interface MeasureOptions {
  /** The columns, in table order. */
  readonly columns: readonly string[];
  /** The column the others are compared with; it must be among `columns`. */
  readonly base: string;
  /** How often each column is measured. */
  readonly rounds: number;
  /** Requests in a round (connections, for a memory scenario); null for the scenario's own number. */
  readonly requests: number | null;
  /** Requests before the first round; null for the scenario's own number. */
  readonly warmup: number | null;
  /** What the scenario's own number of requests is divided by: 1, or more for a quick look. */
  readonly haste: number;
  /** Whether every round has processes of its own, warmed up anew: slower, and free of one process's luck. */
  readonly fresh: boolean;
  /** The Node that runs the servers. */
  readonly node: NodeChoice;
  /** Told what is being done. */
  readonly onProgress: (what: string) => void;
}

/** The most rounds of a memory scenario. */
const MEMORY_ROUNDS = 3;

/** Measures one scenario and gives its rows: one per column that has the endpoint, two for a memory scenario. */
export async function measureScenario(
  scenario: Scenario,
  load: LoadProcess,
  options: MeasureOptions,
): Promise<Row[]> {
  const { columns, base, onProgress } = options;
  // A process that once held 2000 connections does not give its pages back: each figure needs a new process, and as
  // memory hardly varies, few rounds do.
  const memory = scenario.measures === "memory";
  const fresh = options.fresh || memory;
  const rounds = memory ? Math.min(options.rounds, MEMORY_ROUNDS) : options.rounds;
  const work = { amount: amountOf(scenario, options), warmup: options.warmup ?? scenario.warmup };
  const samples = new Map<string, Samples & { readonly samples: number[] }>();
  let running: ColumnProcess[] = [];
  try {
    for (let round = 1; round <= rounds; round += 1) {
      if (running.length === 0) {
        running = await startAll(scenario, load, options, work.warmup, round);
      }
      for (const server of inTurn(running, round)) {
        onProgress(`${scenario.name}: round ${round} of ${rounds}, ${server.name}`);
        for (const [row, unit, figure] of await figures(server, scenario, work.amount)) {
          const key = `${row} ${server.name}`;
          const known = samples.get(key);
          if (known !== undefined) known.samples.push(figure);
          else
            samples.set(key, {
              scenario: row,
              column: server.name,
              node: server.node,
              unit,
              samples: [figure],
            });
        }
      }
      if (fresh) await stopAll(running);
      if (fresh) running = [];
    }
  } finally {
    await stopAll(running);
  }
  const place = (one: Samples): number => columns.indexOf(one.column);
  const inOrder = [...samples.values()].toSorted(
    (a, b) => a.scenario.localeCompare(b.scenario) || place(a) - place(b),
  );
  return rowsFromSamples(inOrder, base);
}

/** Requests (or connections) in a round. */
export function amountOf(scenario: Scenario, options: Pick<MeasureOptions, "requests" | "haste">): number {
  const own = scenario.measures === "cpu" ? scenario.requests : scenario.connections;
  return options.requests ?? Math.max(1, Math.ceil(own / options.haste));
}

async function figures(
  server: ColumnProcess,
  scenario: Scenario,
  amount: number,
): Promise<[row: string, unit: string, figure: number][]> {
  if (scenario.measures === "cpu") {
    return [[scenario.name, "µs/request", await server.cpuPerRequest(amount)]];
  }
  const { heap, rss } = await server.memoryPerConnection(amount);
  return [
    [scenario.name, "bytes/connection", heap],
    [`${scenario.name}-rss`, "bytes/connection", rss],
  ];
}

async function startAll(
  scenario: Scenario,
  load: LoadProcess,
  options: MeasureOptions,
  warmup: number,
  round: number,
): Promise<ColumnProcess[]> {
  const running: ColumnProcess[] = [];
  try {
    for (const column of options.columns) {
      options.onProgress(`${scenario.name}: round ${round}, starting ${column}`);
      const server = await ColumnProcess.start(column, scenario, load, options.node);
      if (server === null) continue;
      running.push(server);
      await server.warmUp(warmup);
    }
  } catch (error) {
    await stopAll(running);
    throw error;
  }
  return running;
}

async function stopAll(running: readonly ColumnProcess[]): Promise<void> {
  await Promise.all(running.map((server) => server.stop()));
}

/** Another column begins in every round, and every other round goes backwards: no column always follows the same one. */
function inTurn<Item>(items: readonly Item[], round: number): Item[] {
  const start = round % Math.max(1, items.length);
  const turned = [...items.slice(start), ...items.slice(0, start)];
  return round % 2 === 0 ? turned.toReversed() : turned;
}

/** The machine's processor, for the record. */
export function processorName(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? "unknown processor"}, ${all.length} cores`;
}
