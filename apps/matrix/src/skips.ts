// How lists of skips are written.

import { cases } from "@tsgi/testing";
import type { Skips } from "./pair.ts";

/** Skips these cases, and their sync twins, for one reason. A name that no case has is an error of the suite. */
export function both(reason: string, ...names: string[]): Skips {
  const known = new Set(cases.map(({ name }) => name));
  const twins = names.flatMap((name) => [name, ...[`sync ${name}`].filter((twin) => known.has(twin))]);
  return Object.fromEntries(twins.map((name) => [name, reason]));
}
