// Writes the dated table into this package's README, between two markers.
import { readFileSync, writeFileSync } from "node:fs";
import { columnVersions } from "./versions.ts";
import type { Row } from "./rows.ts";
import { markdownTables } from "./table.ts";

/** When and where the rows were measured. */
export interface Occasion {
  /** The day. */
  readonly date: Date;
  /** The machine's processor. */
  readonly processor: string;
}

const BEGIN = "<!-- table: written by npm run bench -- --readme -->";
const END = "<!-- /table -->";

/** Rewrites the table in apps/bench/README.md. */
export function writeReadme(rows: readonly Row[], occasion: Occasion): void {
  const file = new URL("../README.md", import.meta.url);
  writeFileSync(file, withTable(readFileSync(file, "utf8"), rows, occasion));
}

/** Puts the table between the markers of a README's text. Throws Error if it has none. */
export function withTable(text: string, rows: readonly Row[], { date, processor }: Occasion): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin)
    throw new Error(`The README has no place for the table: ${BEGIN} … ${END}`);
  const rounds = Math.max(...rows.map((row) => row.samples.length));
  const caption =
    `Measured on ${date.toISOString().slice(0, 10)}, ${processor}, rounds: ${rounds}. ` +
    `Each cell: minimum / median (ratio to raw: of the minima, and the median of the rounds' own). ${columnVersions()}.`;
  return `${text.slice(0, begin)}${BEGIN}\n\n${caption}\n\n${markdownTables(rows)}\n${text.slice(end)}`;
}
