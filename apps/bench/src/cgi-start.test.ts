import { expect, test } from "vitest";
import { measureStarts } from "./cgi-start.ts";

test("every form of a CGI program answers, and is compared with a bare script of its kind", async () => {
  const options = { node: process.execPath, nodeOptions: [], rounds: 1, columns: ["sync", "async"] };
  const tables = await measureStarts({ ...options, onProgress() {} });
  expect(tables.map(({ rows }) => rows[0]?.scenario)).toEqual(["cgi-start-cjs", "cgi-start-mjs"]);
  for (const { rows } of tables) {
    const columns = rows.map(({ column }) => column).filter((column) => !column.endsWith("cached"));
    expect(columns).toEqual(["bare", "sync", "sync packed", "async", "async packed"]);
    for (const row of rows) {
      expect(row.samples).toHaveLength(1);
      expect(row.ratioPair).toBeGreaterThan(0);
    }
  }
}, 60_000);
