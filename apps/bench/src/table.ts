// Rows as text: an aligned table for people, a Markdown table for the README. No processes here.
import type { Row } from "./rows.ts";

/** Renders the rows of one scenario figure on one Node version, aligned in columns. */
export function textTable(rows: readonly Row[], title: string, base: string): string {
  const first = rows[0];
  if (first === undefined) return "";
  const lines = [
    ["", "min", "median", `min ÷ ${base}`, "median", "pairs"],
    ...rows.map((row) => [
      row.column,
      figure(row.min),
      figure(row.median),
      ratio(row.ratioMin),
      ratio(row.ratioMedian),
      ratio(row.ratioPair),
    ]),
  ];
  const widths = widthsOf(lines);
  const body = lines.map((line) => aligned(line, widths).join("  ").trimEnd());
  const head = `${first.scenario}: ${title}\n${first.unit}, Node ${first.node}, rounds: ${first.samples.length}`;
  return `${head}\n${body.map((line) => `  ${line}`).join("\n")}\n`;
}

/** Groups rows into tables: one per Node version and scenario figure, in the order they come. */
export function tablesOf(rows: readonly Row[]): Row[][] {
  const tables = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.node} ${row.scenario}`;
    const table = tables.get(key);
    if (table === undefined) tables.set(key, [row]);
    else table.push(row);
  }
  return [...tables.values()];
}

/** Renders all rows as Markdown: one table per Node version, a line per column, a figure per scenario. */
export function markdownTables(rows: readonly Row[]): string {
  const nodes = [...new Set(rows.map((row) => row.node))];
  return nodes
    .map((node) => {
      const ofNode = rows.filter((row) => row.node === node);
      const scenarios = [...new Map(ofNode.map((row) => [row.scenario, row.unit]))];
      const columns = [...new Set(ofNode.map((row) => row.column))];
      const lines = [
        ["", ...scenarios.map(([scenario, unit]) => `${scenario}, ${unit}`)],
        ...columns.map((column) => [
          column,
          ...scenarios.map(([scenario]) =>
            cell(ofNode.find((row) => row.column === column && row.scenario === scenario)),
          ),
        ]),
      ];
      return `### Node ${node}\n\n${markdownTable(lines)}\n`;
    })
    .join("\n");
}

/** Aligned as the formatter wants it: the first column to the left, figures to the right. */
function markdownTable(lines: readonly (readonly string[])[]): string {
  const widths = widthsOf(lines);
  const rule = widths.map((width, n) => (n === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  const [head = [], ...body] = lines.map((line) => aligned(line, widths));
  return [head, rule, ...body].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function widthsOf(lines: readonly (readonly string[])[]): number[] {
  return (lines[0] ?? []).map((_, n) => Math.max(3, ...lines.map((line) => line[n]?.length ?? 0)));
}

function aligned(line: readonly string[], widths: readonly number[]): string[] {
  return line.map((text, n) => (n === 0 ? text.padEnd(widths[n] ?? 0) : text.padStart(widths[n] ?? 0)));
}

function cell(row: Row | undefined): string {
  if (row === undefined) return "–";
  const ratios = row.ratioMin === null ? "" : ` (${ratio(row.ratioMin)}, ${ratio(row.ratioPair)})`;
  return `${figure(row.min)} / ${figure(row.median)}${ratios}`;
}

/** Three or four digits that mean something. */
function figure(value: number): string {
  if (Math.abs(value) >= 1000) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 100 ? 1 : 2);
}

function ratio(value: number | null): string {
  return value === null ? "" : value.toFixed(2);
}
