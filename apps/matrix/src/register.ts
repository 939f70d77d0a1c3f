// Makes the tests of one host: a test for each guest, which runs the whole suite, and the report of them all.

import { fileURLToPath } from "node:url";
import { afterAll, describe, test } from "vitest";
import type { Report } from "@tsgi/testing";
import { guests } from "./guests.ts";
import { casesOf, runPair, skipsOf, type Host } from "./pair.ts";
import { hostReport, writeHostReport } from "./report.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/conformance/matrix", import.meta.url));
/** Longer than a case has elsewhere: all cores of the machine are at work. */
const TIME_LIMIT = 30_000;
/** With TSGI_MATRIX_AUDIT set, only what is skipped is run, and what passes all the same is told. */
const IS_AUDIT = process.env["TSGI_MATRIX_AUDIT"] !== undefined;

/** Registers the suite on a host with every guest. */
export function registerHost(host: Host): void {
  const reports = new Map<string, Report>();
  describe(host.name, () => {
    afterAll(async () => {
      // A run of some guests only would leave the report of the others out.
      if (reports.size === guests.length) await writeHostReport(FOLDER, hostReport(host.name, reports));
    });
    for (const guest of guests) {
      test(guest.name, async () => {
        if (IS_AUDIT) {
          const skips = skipsOf(host, guest);
          const skipped = casesOf(host, guest).filter(({ name }) => name in skips);
          const { results } = await runPair(host, guest, { cases: skipped, skip: {}, timeLimit: 2_000 });
          for (const { name, state } of results)
            if (state === "passed")
              console.log(`passes: ${guest.name} on ${host.name}: ${name} (${skips[name]})`);
          return;
        }
        const report = await runPair(host, guest, { timeLimit: TIME_LIMIT });
        reports.set(guest.name, report);
        const failed = report.results.filter(({ state }) => state === "failed");
        if (failed.length === 0) return;
        throw new Error(failed.map(({ name, error }) => `${name}\n    ${error}`).join("\n"));
      });
    }
  });
}
