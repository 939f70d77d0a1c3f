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

/** A column that could not be measured to the end. */
export interface Failure {
  /** The scenario. */
  readonly scenario: string;
  /** The column. */
  readonly column: string;
  /** What happened. */
  readonly message: string;
}

/** What came of a scenario. */
export interface Measured {
  /** One row for each column that has the endpoint, two in a memory scenario; none for a column that failed. */
  readonly rows: Row[];
  /** The columns that failed: the others are measured all the same. */
  readonly failures: Failure[];
}

/** Measures one scenario. */
export async function measureScenario(
  scenario: Scenario,
  load: LoadProcess,
  options: MeasureOptions,
): Promise<Measured> {
  // A process that once held 2000 connections does not give its pages back: each figure needs a new process, and as
  // memory hardly varies, few rounds do.
  const memory = scenario.measures === "memory";
  const fresh = options.fresh || memory;
  const rounds = memory ? Math.min(options.rounds, MEMORY_ROUNDS) : options.rounds;
  const measurement = new Measurement(scenario, load, options);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      if (round === 1 || fresh) await measurement.start();
      await measurement.round(round, rounds);
      if (fresh) await measurement.stop();
    }
  } finally {
    await measurement.stop();
  }
  return measurement.result();
}

class Measurement {
  readonly #scenario: Scenario;
  readonly #load: LoadProcess;
  readonly #options: MeasureOptions;
  readonly #samples = new Map<string, Samples & { readonly samples: number[] }>();
  readonly #failures: Failure[] = [];
  #running: ColumnProcess[] = [];

  constructor(scenario: Scenario, load: LoadProcess, options: MeasureOptions) {
    this.#scenario = scenario;
    this.#load = load;
    this.#options = options;
  }

  /** Starts and warms up every column that has the endpoint and has not failed. */
  async start(): Promise<void> {
    const { columns, node, warmup, onProgress } = this.#options;
    for (const column of columns) {
      if (this.#hasFailed(column)) continue;
      onProgress(`${this.#scenario.name}: starting ${column}`);
      await this.#attempt(column, async () => {
        const server = await ColumnProcess.start(column, this.#scenario, this.#load, node);
        if (server === null) return;
        this.#running.push(server);
        await server.warmUp(warmup ?? this.#scenario.warmup);
      });
    }
  }

  /** Measures each running column once. */
  async round(round: number, rounds: number): Promise<void> {
    for (const server of inTurn(this.#running, round)) {
      this.#options.onProgress(`${this.#scenario.name}: round ${round} of ${rounds}, ${server.name}`);
      await this.#attempt(server.name, async () => {
        const amount = amountOf(this.#scenario, this.#options);
        for (const [row, unit, figure] of await figures(server, this.#scenario, amount)) {
          this.#record({ scenario: row, column: server.name, node: server.node, unit, samples: [] }, figure);
        }
      });
    }
  }

  /** Ends every server process. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = [];
    await Promise.all(running.map((server) => server.stop()));
  }

  result(): Measured {
    const { columns, base } = this.#options;
    const place = (one: Samples): number => columns.indexOf(one.column);
    const samples = [...this.#samples.values()]
      .filter((one) => !this.#hasFailed(one.column))
      .toSorted((a, b) => a.scenario.localeCompare(b.scenario) || place(a) - place(b));
    return { rows: rowsFromSamples(samples, base), failures: this.#failures };
  }

  #hasFailed(column: string): boolean {
    return this.#failures.some((failure) => failure.column === column);
  }

  /** If a column fails, it is out of this scenario; the work on the others is not lost. */
  async #attempt(column: string, action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#failures.push({ scenario: this.#scenario.name, column, message: (error as Error).message });
      const failed = this.#running.filter((server) => server.name === column);
      this.#running = this.#running.filter((server) => server.name !== column);
      await Promise.all(failed.map((server) => server.stop()));
    }
  }

  #record(row: Samples & { readonly samples: number[] }, figure: number): void {
    const key = `${row.scenario} ${row.column}`;
    if (!this.#samples.has(key)) this.#samples.set(key, row);
    this.#samples.get(key)?.samples.push(figure);
  }
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
    const { cpu, time, peak } = await server.costOfRequest(amount);
    const rows: [string, string, number][] = [[scenario.name, "µs/request", cpu]];
    if (scenario.transfers !== true) return rows;
    rows.push([`${scenario.name}-time`, "ms/request", time]);
    if (peak !== null) rows.push([`${scenario.name}-peak`, "MiB", peak / 1_048_576]);
    return rows;
  }
  const { heap, rss } = await server.memoryPerConnection(amount);
  return [
    [scenario.name, "bytes/connection", heap],
    [`${scenario.name}-rss`, "bytes/connection", rss],
  ];
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
