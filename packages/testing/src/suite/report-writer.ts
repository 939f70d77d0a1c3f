// Writes the report of an adapter where a page is made of it. The suite runs elsewhere than on Node too, so Node comes late.

import type { Report } from "./run.ts";

/**
 * Makes an `onReport` that writes each report as JSON into a folder, as `adapter-name.json`, a line for each case.
 *
 * @param folder - `undefined`, as an environment variable that is not set: nothing is written.
 */
export function reportWriter(folder: string | undefined): (report: Report) => Promise<void> {
  return async ({ adapter, results }) => {
    if (folder === undefined) return;
    const { mkdir, writeFile } = await import("node:fs/promises");
    const { join } = await import("node:path");
    const file = `${adapter.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`;
    const lines = results.map((result) => `    ${JSON.stringify(result)}`);
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(folder, file),
      `{\n  "adapter": ${JSON.stringify(adapter)},\n  "results": [\n${lines.join(",\n")}\n  ]\n}\n`,
    );
  };
}
