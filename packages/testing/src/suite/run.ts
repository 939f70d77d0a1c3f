// Runs the cases against one adapter: as tests of a runner, or as a program that wants a report.

import type { AsgiApp, WsgiApp } from "@tsgi/core";
import { cases as allCases } from "../cases/cases.ts";
import type { Wire } from "../wire/wire.ts";
import { suiteApp } from "./app.ts";
import type { Case, Need } from "./case.ts";
import { Client } from "./client.ts";
import { Log, type LogSink } from "./log.ts";

/** A server that runs the suite's app. */
export interface Served {
  /** How to reach it. */
  readonly wire: Wire;
  /** Stops it. */
  close(): void | Promise<void>;
}

/** What is tested. */
export interface Adapter {
  /** As it stands in the report: `"node http/1.1"`. */
  readonly name: string;
  /**
   * Starts a server that runs this app.
   *
   * @param log - Takes the server's log lines; the cases that need `"log"` read it.
   */
  serve(app: AsgiApp, log: LogSink): Promise<Served>;
  /** Makes an async app of the suite's sync one; it must refuse bodies beyond `SYNC_BODY_LIMIT`. Default: `wsgi` of core. */
  readonly bridge?: (app: WsgiApp, log: LogSink) => AsgiApp;
  /** Wraps the apps of the cases, to watch the server: `(app) => lintAsgi(app)`. Default: nothing watches. */
  readonly lint?: (app: AsgiApp) => AsgiApp;
  /** The mount prefix, as in `root_path`. Default: `""`. */
  readonly rootPath?: string;
  /** The cases it cannot pass, by name, and why. A name that no case has is an error. Default: none. */
  readonly skip?: Readonly<Record<string, string>>;
  /** Default: all. */
  readonly cases?: readonly Case[];
  /** How long a case may take, in milliseconds: one that hangs has failed. Default: 10_000. */
  readonly timeLimit?: number;
}

/** What became of one case. */
export interface Result {
  readonly name: string;
  readonly proves: readonly string[];
  readonly state: "passed" | "failed" | "skipped";
  /** Why it was skipped. */
  readonly reason?: string;
  /** What was wrong. */
  readonly error?: string;
}

/** What became of an adapter. No dates and no paths: equal runs give equal reports. */
export interface Report {
  readonly adapter: string;
  readonly results: readonly Result[];
}

/** What the suite needs of a test runner; vitest and node:test have it (`before` and `after` there). */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  test(name: string, body: (context: { skip(reason?: string): unknown }) => unknown): unknown;
  beforeAll(body: () => Promise<void>): unknown;
  afterAll(body: () => Promise<void>): unknown;
}

/** What `testAdapter` takes. */
export interface TestAdapterOptions extends Adapter {
  readonly runner: Runner;
  /** Is given the report after the last case. Default: nobody. */
  readonly onReport?: (report: Report) => void | Promise<void>;
}

/** Registers every case as a test of a runner. */
export function testAdapter({ runner, onReport, ...adapter }: TestAdapterOptions): void {
  const suite = new AdapterSuite(adapter);
  const results: Result[] = [];
  runner.describe(adapter.name, () => {
    runner.beforeAll(() => suite.start());
    runner.afterAll(async () => {
      await suite.stop();
      await onReport?.({ adapter: adapter.name, results });
    });
    for (const found of suite.cases) {
      runner.test(`${found.name} [${found.proves.join(" ")}]`, async (context) => {
        const result = await suite.run(found);
        results.push(result);
        if (result.state === "skipped") context.skip(result.reason);
        if (result.state === "failed") throw withoutStack(result.error);
      });
    }
  });
}

/** Runs every case, one after the other, and reports. */
export async function runSuite(adapter: Adapter): Promise<Report> {
  const suite = new AdapterSuite(adapter);
  const results: Result[] = [];
  await suite.start();
  try {
    for (const found of suite.cases) results.push(await suite.run(found));
  } finally {
    await suite.stop();
  }
  return { adapter: adapter.name, results };
}

/** A skip list of all cases with this need: `skip: { ...casesThatNeed("trailers", "why") }`. */
export function casesThatNeed(
  need: Need,
  reason: string,
  cases: readonly Case[] = allCases,
): Record<string, string> {
  const found = cases.filter(({ needs = [] }) => needs.includes(need));
  return Object.fromEntries(found.map(({ name }) => [name, reason]));
}

/**
 * A skip list of the cases with these names, and of their sync twins, for one reason. A name that no case has is an error of the suite.
 */
export function casesNamed(reason: string, ...names: readonly string[]): Record<string, string> {
  const known = new Set(allCases.map(({ name }) => name));
  const twins = names.flatMap((name) => [name, ...[`sync ${name}`].filter((twin) => known.has(twin))]);
  return Object.fromEntries(twins.map((name) => [name, reason]));
}

class AdapterSuite {
  readonly cases: readonly Case[];
  readonly #adapter: Adapter;
  readonly #log = new Log();
  readonly #id = Math.random().toString(36).slice(2);
  #runs = 0;
  #served: Served | null = null;

  constructor(adapter: Adapter) {
    this.#adapter = adapter;
    this.cases = adapter.cases ?? allCases;
    const names = new Set(this.cases.map(({ name }) => name));
    for (const name of names) {
      if (!/^[\x20-\x7e]+$/.test(name))
        throw new Error(`A name travels in a header: ${JSON.stringify(name)} is not ASCII`);
    }
    if (names.size !== this.cases.length) throw new Error("Two cases have the same name");
    for (const [name, reason] of Object.entries(adapter.skip ?? {})) {
      if (!names.has(name))
        throw new Error(`${adapter.name} skips ${JSON.stringify(name)}: no case has this name`);
      if (reason.trim() === "")
        throw new Error(`${adapter.name} skips ${JSON.stringify(name)} without a reason`);
    }
  }

  async start(): Promise<void> {
    const { bridge, lint } = this.#adapter;
    const app = suiteApp({
      cases: this.cases,
      log: this.#log.write,
      ...(bridge && { bridge }),
      ...(lint && { lint }),
    });
    this.#served = await this.#adapter.serve(app, this.#log.write);
  }

  async stop(): Promise<void> {
    await this.#served?.close();
    this.#served = null;
  }

  async run(found: Case): Promise<Result> {
    const { name, proves } = found;
    const reason = this.#adapter.skip?.[name];
    if (reason !== undefined) return { name, proves, state: "skipped", reason };
    if (this.#served === null) throw new Error("The server is not started");
    const client = new Client({
      wire: this.#served.wire,
      caseName: name,
      sync: "syncApp" in found,
      runId: `${this.#id}-${(this.#runs += 1)}`,
      rootPath: this.#adapter.rootPath ?? "",
      log: this.#log,
    });
    const run = async (): Promise<void> => {
      await found.client(client);
      await client.end();
    };
    const limit = this.#adapter.timeLimit ?? 10_000;
    try {
      await within(limit, run(), `The case did not end within ${limit} ms`);
      return { name, proves, state: "passed" };
    } catch (error) {
      return { name, proves, state: "failed", error: await explain(error, client) };
    } finally {
      client.drop();
    }
  }
}

/** The text says it all: a stack would point into the suite. */
function withoutStack(text: string | undefined): Error {
  return Object.assign(new Error(text), { stack: text });
}

/** What the client saw, and what the app saw, if it can still say so. */
async function explain(error: unknown, client: Client): Promise<string> {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const asked = await within(1000, client.ask(), "").catch(() => null);
  const inside = asked?.failures.filter((failure) => !text.includes(failure)) ?? [];
  return inside.length === 0 ? text : `${text} (inside the app: ${inside.join("; ")})`;
}

async function within<T>(limit: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(what)), limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
