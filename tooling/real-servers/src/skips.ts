// How lists of skips are written.

import { cases } from "@tsgi/testing";

/** Names of cases, each with the reason why it cannot pass. */
export type Skips = Readonly<Record<string, string>>;

const NAMES: ReadonlySet<string> = new Set(cases.map(({ name }) => name));

/** Skips every case whose name begins like this, and the sync twins, for one reason. */
export function allOf(reason: string, ...groups: string[]): Skips {
  const found = [...NAMES].filter((name) =>
    groups.some((group) => name.replace(/^sync /, "").startsWith(group)),
  );
  if (found.length === 0) throw new Error(`No case's name begins with ${groups.join(" or ")}`);
  return Object.fromEntries(found.map((name) => [name, reason]));
}
