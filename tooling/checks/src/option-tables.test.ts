// The READMEs say of each option what its source says.

import { expect, test } from "vitest";
import { optionTables, optionsOf } from "./option-tables.js";
import { ROOT } from "./tree.js";

test("every table of options is as the sources want it; if not, run `node tooling/checks/src/option-tables.js`", () => {
  const tables = optionTables(ROOT);
  expect(tables.filter(({ stale }) => stale).map(({ page }) => page)).toEqual([]);
  expect(tables.length).toBeGreaterThan(0);
});

test("a row is made of the comment above an option", () => {
  const body = `
  /**
   * The longest body, in bytes, see {@link Limits.head}: \`a | b\`.
   * Default: 16_777_216 (16 MiB). More needs a spool.
   */
  readonly maxBodySize?: number;
  /** Needed. */
  readonly trusted: readonly string[];
  /** Where to listen. Default: \`"127.0.0.1"\`. */
  readonly host?: string;
`;
  expect(optionsOf(body)).toEqual([
    {
      option: "maxBodySize",
      text: "The longest body, in bytes, see `head`: `a \\| b`. More needs a spool.",
      fallback: "16_777_216 (16 MiB)",
    },
    { option: "trusted", text: "Needed.", fallback: "" },
    { option: "host", text: "Where to listen.", fallback: '`"127.0.0.1"`' },
  ]);
});
