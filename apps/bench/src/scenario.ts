// What one row of the bench is, and the list of all of them: every file in scenarios/ is a row.
import { readdirSync } from "node:fs";

/** One kind of request, and how it is measured. */
export interface Scenario {
  /** The row's name: also the file's. */
  readonly name: string;
  /** Where it stands among the rows; lower is earlier. */
  readonly order: number;
  /** One line for people: what is asked and answered. */
  readonly title: string;
  /** Which of the columns' endpoints it asks; several scenarios may ask the same one. */
  readonly endpoint: string;
  /** `cpu`: the server's CPU time per request; `memory`: what an idle connection holds in the server. */
  readonly measures: "cpu" | "memory";
  /** Whether the time of a request, and the most memory the server ever had, are rows as well. Default: `false`. */
  readonly transfers?: boolean;
  /** The request as it goes over the wire, in parts that are written one after another. Called in the client only. */
  readonly request: () => readonly Uint8Array[];
  /** The status every response must have. */
  readonly status: number;
  /** The body the first response of every connection must have; later ones are checked by status and length. */
  readonly body: () => Uint8Array;
  /** How many keep-alive connections are open at a time; each has one request under way. */
  readonly connections: number;
  /** Requests in a round. For `memory`: unused. */
  readonly requests: number;
  /** Requests before the first round, so that the server runs optimised code. */
  readonly warmup: number;
}

/** Loads every scenario, in table order. */
export async function loadScenarios(): Promise<Scenario[]> {
  const names = moduleNames(new URL("./scenarios/", import.meta.url));
  const scenarios = await Promise.all(names.map((name) => loadScenario(name)));
  return scenarios.toSorted((a, b) => a.order - b.order);
}

/** Loads one scenario by name. */
export async function loadScenario(name: string): Promise<Scenario> {
  const url = new URL(`./scenarios/${name}${EXTENSION}`, import.meta.url);
  const module = (await import(url.href)) as { scenario: Scenario };
  return module.scenario;
}

/** What our own files end with: `.js` when built, `.ts` when a test runs the sources. */
export const EXTENSION: string = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** The names of the modules in a folder of ours, without their ending, declarations and tests left out. */
export function moduleNames(folder: URL): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(EXTENSION) && !file.endsWith(".d.ts") && !file.includes(".test."))
    .map((file) => file.slice(0, -EXTENSION.length))
    .toSorted();
}
