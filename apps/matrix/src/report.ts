// What is kept of a run: counts for each pair, and the names and reasons of what did not pass. No dates: equal runs, equal files.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "@tsgi/testing";

/** What became of a guest on a host. */
export interface GuestReport {
  readonly guest: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failed: number;
}

/** The cases that several guests skip for one reason. */
export interface SkippedCases {
  readonly reason: string;
  readonly guests: readonly string[];
  readonly cases: readonly string[];
}

/** What became of a host. */
export interface HostReport {
  readonly host: string;
  readonly guests: readonly GuestReport[];
  readonly skips: readonly SkippedCases[];
  readonly failures: readonly { readonly guest: string; readonly case: string; readonly error: string }[];
}

/** Sums up what the suite said of each guest on a host. */
export function hostReport(host: string, reports: ReadonlyMap<string, Report>): HostReport {
  const guests: GuestReport[] = [];
  const failures: HostReport["failures"][number][] = [];
  const byReason = new Map<string, Map<string, string[]>>();
  for (const [guest, { results }] of reports) {
    const count = (state: string): number => results.filter((result) => result.state === state).length;
    guests.push({ guest, passed: count("passed"), skipped: count("skipped"), failed: count("failed") });
    for (const { name, state, reason = "", error = "" } of results) {
      if (state === "failed") failures.push({ guest, case: name, error });
      if (state !== "skipped") continue;
      const byCase = byReason.get(reason) ?? new Map<string, string[]>();
      byReason.set(reason, byCase);
      byCase.set(name, [...(byCase.get(name) ?? []), guest]);
    }
  }
  const skips = [...byReason].flatMap(([reason, byCase]) => grouped(reason, byCase));
  return { host, guests, skips, failures };
}

/** The cases of one reason, those together that the same guests skip. */
function grouped(reason: string, byCase: ReadonlyMap<string, readonly string[]>): SkippedCases[] {
  const groups = new Map<string, SkippedCases & { readonly cases: string[] }>();
  for (const [name, guests] of byCase) {
    const key = guests.join("\n");
    const group = groups.get(key) ?? { reason, guests, cases: [] };
    groups.set(key, group);
    group.cases.push(name);
  }
  return [...groups.values()];
}

/** Writes the report of a host into a folder, as `host-name.json`, a line for each pair and each skipped case. */
export async function writeHostReport(folder: string, report: HostReport): Promise<void> {
  const file = `${report.host.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), `${JSON.stringify(report, null, 1)}\n`);
}
