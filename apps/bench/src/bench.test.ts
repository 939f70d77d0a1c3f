import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { runBench } from "./bench.ts";
import { ColumnProcess, startLoad } from "./column-process.ts";
import { columnNames } from "./column.ts";
import { measureScenario } from "./measure.ts";
import { parseOptions, UsageError } from "./options.ts";
import type { Row } from "./rows.ts";
import { FROM_SOURCE } from "./run-from-source.ts";
import { loadScenario } from "./scenario.ts";

const folder = mkdtempSync(join(tmpdir(), "tsgi-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as `npm run bench -- WORDS` does, from source. */
function bench(...words: string[]): Promise<Ended> {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const nodeOptions = FROM_SOURCE.map((option) => `--node-option=${option}`);
  const child = spawn(process.execPath, [...FROM_SOURCE, main, ...nodeOptions, ...words], { stdio: "pipe" });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe.concurrent("the command", () => {
  test("measures, prints a plain table when piped, and writes the rows as JSON", async () => {
    const json = join(folder, "rows.json");
    const words = [
      "--only",
      "hello",
      "--columns",
      "raw-2",
      "--rounds",
      "2",
      "--requests",
      "40",
      "--warmup",
      "40",
      "--json",
      json,
    ];
    const { code, stdout, stderr } = await bench(...words);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^hello: .*\nµs\/request, Node .*, rounds: 2\n.*\n {2}raw .*\n {2}raw-2 /);
    const rows = JSON.parse(readFileSync(json, "utf8")) as Row[];
    expect(rows).toEqual(
      ["raw", "raw-2"].map((column) => ({
        scenario: "hello",
        column,
        node: process.versions.node,
        unit: "µs/request",
        samples: [expect.any(Number), expect.any(Number)],
        min: expect.any(Number),
        median: expect.any(Number),
        ratioMin: expect.any(Number),
        ratioMedian: expect.any(Number),
        ratioPair: expect.any(Number),
      })),
    );
    expect(rows.every((row) => row.samples.every((sample) => sample > 0))).toBe(true);
  });

  test("prints the rows of an earlier run", async () => {
    const json = join(folder, "memory.json");
    const measured = await bench(
      "--only=heap",
      "--columns=raw",
      "--rounds=1",
      "--requests=50",
      `--json=${json}`,
    );
    expect(measured).toMatchObject({ code: 0, stderr: "" });
    expect(measured.stdout).toMatch(/^heap: [^]*\nheap-rss: /);
    expect(await bench("--from", json)).toEqual(measured);
  });

  test("soaks a column and tells its heap early and late", async () => {
    const { code, stdout } = await bench("--soak", "raw", "--requests", "400");
    expect(stdout).toMatch(
      /^soak raw hello, Node .*: 400 requests\n {2}heap .* MiB after 10 %, .* MiB at the end: flat\n/,
    );
    expect(code).toBe(0);
  });

  test("refuses what it does not know with status 2, the reason and the help", async () => {
    const { code, stdout, stderr } = await bench("--no-such");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/no-such[^]*npm run bench -- \[options\]/);
  });

  test("a Node that cannot be run is an error that says so", async () => {
    const { code, stdout } = await bench("--node=/no/such/node", "--only=hello", "--columns=raw");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^hello, raw: .* could not be run: spawn \/no\/such\/node ENOENT$/m);
  });
});

test("--list names the scenarios and the columns", async () => {
  let list = "";
  const status = await runBench(parseOptions(["--list"]), { out: (text) => (list += text), progress() {} });
  expect(status).toBe(0);
  for (const name of ["hello", "json", "stream", "upload", "heap", ...columnNames()]) {
    expect(list).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
  }
});

test.each([
  ["--columns=no-such", "There is no column no-such. There are raw, raw-2, "],
  ["--base=no-such", "There is no column no-such."],
  ["--only=no-such", "There is no scenario no-such. There are hello, "],
  ["--soak=no-such", "There is no column no-such."],
  ["--profile=no-such", "There is no column no-such."],
])("%s is refused with what there is", async (word, reason) => {
  const refusal = runBench(parseOptions([word]), { out() {}, progress() {} });
  await expect(refusal).rejects.toThrow(UsageError);
  await expect(refusal).rejects.toThrow(reason);
});

test("a column that fails is out, and the others are measured", async () => {
  const load = await startLoad({ options: FROM_SOURCE });
  const hello = await loadScenario("hello");
  try {
    const { rows, failures } = await measureScenario(hello, load, {
      columns: ["raw", "no-such"],
      base: "raw",
      rounds: 2,
      requests: 10,
      warmup: 10,
      haste: 1,
      fresh: true,
      node: { options: FROM_SOURCE },
      onProgress: () => {},
    });
    expect(rows.map((row) => [row.column, row.samples.length])).toEqual([["raw", 2]]);
    expect(failures).toEqual([
      { scenario: "hello", column: "no-such", message: expect.stringContaining("Cannot find module") },
    ]);
  } finally {
    await load.stop();
  }
});

// Elsewhere there is no /proc to compare with.
test.runIf(process.platform === "linux")("the CPU time is the one in /proc, to the tick", async () => {
  const load = await startLoad({ options: FROM_SOURCE });
  const server = await ColumnProcess.start("raw", await loadScenario("hello"), load, {
    options: FROM_SOURCE,
  });
  if (server === null) throw new Error("raw has no hello");
  const ticks = (): number => {
    // proc_pid_stat(5): fields 14 and 15, counted after the program's name in brackets.
    const [, user, system] =
      /\) (?:\S+ ){11}(\d+) (\d+) /.exec(readFileSync(`/proc/${server.pid}/stat`, "utf8")) ?? [];
    return Number(user) + Number(system);
  };
  try {
    await server.warmUp(2000);
    const { user, system } = await server.usage();
    const microseconds = user + system;
    // 10 ms a tick; either figure is cut off to a whole tick, and a little time passes between the two readings.
    expect(Math.abs(ticks() * 10_000 - microseconds)).toBeLessThan(50_000);
    expect(microseconds).toBeGreaterThan(20_000);
  } finally {
    await server.stop();
    await load.stop();
  }
});
