// A column's server process under load: started, warmed up, measured, stopped.
import { Child, type NodeChoice } from "./child.ts";
import type { RunResult } from "./load.ts";
import type { CpuUsage, LoadQuestion, MemoryUse, ServerQuestion, ServerReady } from "./messages.ts";
import type { Scenario } from "./scenario.ts";

/** The longest one run of requests may take, in milliseconds. */
const RUN_LIMIT = 120_000;

/** In how many parts a server is warmed up. */
const WARMUPS = 4;

/** What part of a run's requests is sent before it, unmeasured: an eighth. */
const LEAD_IN = 8;

/** What one request costs. */
export interface RequestCost {
  /** The server's CPU time, in microseconds. */
  readonly cpu: number;
  /** How long it takes when as many are under way as there are connections, in milliseconds. */
  readonly time: number;
  /** The most memory the server ever had, in bytes; `null` if it does not tell. */
  readonly peak: number | null;
}

/** The load generator's process. */
export type LoadProcess = Child<LoadQuestion>;

/** Starts the load generator. */
export async function startLoad(node: NodeChoice): Promise<LoadProcess> {
  const load: LoadProcess = new Child("client", [], node);
  await load.hear();
  return load;
}

/** One server process and the load generator that drives it. */
export class ColumnProcess {
  /** The column. */
  readonly name: string;
  /** Its Node version. */
  readonly node: string;
  readonly #server: Child<ServerQuestion>;
  readonly #load: LoadProcess;
  readonly #scenario: Scenario;
  readonly #port: number;

  private constructor(
    name: string,
    node: string,
    server: Child<ServerQuestion>,
    load: LoadProcess,
    scenario: Scenario,
    port: number,
  ) {
    this.name = name;
    this.node = node;
    this.#server = server;
    this.#load = load;
    this.#scenario = scenario;
    this.#port = port;
  }

  /** Starts a column for a scenario; gives null if the column has no such endpoint. */
  static async start(
    name: string,
    scenario: Scenario,
    load: LoadProcess,
    node: NodeChoice,
  ): Promise<ColumnProcess | null> {
    // In every mode, so that all figures come from equally started processes.
    const options = [...(node.options ?? []), "--expose-gc"];
    const server: Child<ServerQuestion> = new Child("server", [name, scenario.endpoint], {
      ...node,
      options,
    });
    try {
      const ready = await server.hear<ServerReady>();
      const port = ready.ports[scenario.endpoint];
      if (port !== null && port !== undefined) {
        return new ColumnProcess(name, ready.node, server, load, scenario, port);
      }
    } catch (error) {
      await server.stop();
      throw error;
    }
    await server.stop();
    return null;
  }

  /** The operating system's number of the server process. */
  get pid(): number | undefined {
    return this.#server.pid;
  }

  /** Sends requests over fresh connections, several times over, and leaves none open. */
  async warmUp(requests: number): Promise<void> {
    const connections = this.#scenario.measures === "cpu" ? this.#scenario.connections : 64;
    // Opening and closing is warmed up as well: code that sees its first closed socket is compiled anew afterwards.
    for (let times = 0; times < WARMUPS; times += 1) {
      await this.connected(connections, () => this.run(Math.ceil(requests / WARMUPS)));
    }
  }

  /** What one request costs, over a run on connections that are already open. */
  costOfRequest(requests: number): Promise<RequestCost> {
    return this.connected(this.#scenario.connections, async () => {
      // The processor's caches still hold the server that ran before this one.
      await this.run(Math.ceil(requests / LEAD_IN));
      const before = await this.usage();
      const { milliseconds } = await this.run(requests);
      const after = await this.usage();
      const cpu = (after.user + after.system - before.user - before.system) / requests;
      return { cpu, time: milliseconds / requests, peak: after.peak ?? null };
    });
  }

  /** What one idle connection holds in the server, in bytes. */
  async memoryPerConnection(connections: number): Promise<MemoryUse> {
    const before = await this.memory(0);
    return this.connected(connections, async () => {
      const after = await this.memory(connections);
      const open = await this.#load.ask<number>({ ask: "still-open" });
      if (open !== connections)
        throw new Error(`The server closed ${connections - open} idle connections too soon`);
      return { heap: (after.heap - before.heap) / connections, rss: (after.rss - before.rss) / connections };
    });
  }

  /** Opens connections, each with one checked request, does something, and closes them. */
  async connected<Result>(connections: number, action: () => Promise<Result>): Promise<Result> {
    try {
      const { name: scenario } = this.#scenario;
      await this.#load.ask({ ask: "open", port: this.#port, scenario, connections });
      return await action();
    } catch (error) {
      throw new Error(`${this.name} in ${this.#scenario.name}: ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      // If the load generator is gone, that was the error above, or the next question finds it out.
      await this.#load.ask({ ask: "close" }).catch(() => {});
    }
  }

  /** Sends requests over the open connections. */
  run(requests: number, limit: number = RUN_LIMIT): Promise<RunResult> {
    // The load generator's own limit comes first, so that its message names what is missing.
    return this.#load.ask({ ask: "run", requests, limit });
  }

  /** The CPU time the operating system has counted for the server so far. */
  usage(): Promise<CpuUsage> {
    return this.#server.ask({ ask: "usage" });
  }

  /** The server's memory after a full garbage collection, once it has that many connections. */
  memory(connections: number): Promise<MemoryUse> {
    return this.#server.ask({ ask: "memory", connections });
  }

  /** Ends the server process. */
  stop(): Promise<void> {
    return this.#server.stop();
  }
}
