// Makes the tests of one host: a test for each guest, which runs the whole suite, and the report of them all.

import { fileURLToPath } from "node:url";
import { afterAll, describe, test } from "vitest";
import type { Report } from "@tsgi/testing";
import { guests } from "./guests.ts";
import { runPair, type Host } from "./pair.ts";
import { hostReport, writeHostReport } from "./report.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/conformance/matrix", import.meta.url));

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
        const report = await runPair(host, guest);
        reports.set(guest.name, report);
        const failed = report.results.filter(({ state }) => state === "failed");
        if (failed.length === 0) return;
        throw new Error(failed.map(({ name, error }) => `${name}\n    ${error}`).join("\n"));
      });
    }
  });
}
