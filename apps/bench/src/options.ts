// The command line: words in, options out. No processes here.
import { parseArgs } from "node:util";

/** What the bench is asked to do. */
export interface BenchOptions {
  /** What to do; `measure` by default. */
  readonly mode: "measure" | "cgi-start" | "profile" | "soak" | "list" | "help";
  /** The scenarios to measure; null for all. */
  readonly only: readonly string[] | null;
  /** The columns to measure; null for all. */
  readonly columns: readonly string[] | null;
  /** Whether null above means the columns behind nginx rather than those that speak HTTP themselves. */
  readonly behindNginx: boolean;
  /** The column the others are compared with. */
  readonly base: string;
  /** How often each column is measured. */
  readonly rounds: number;
  /** Requests in a round; null for the scenario's own number. */
  readonly requests: number | null;
  /** Requests before the first round; null for the scenario's own number. */
  readonly warmup: number | null;
  /** What the scenarios' own numbers of requests are divided by. */
  readonly haste: number;
  /** Whether every round has processes of its own. */
  readonly fresh: boolean;
  /** Paths of the node binaries the servers run on, one after another. */
  readonly nodes: readonly string[];
  /** Options for those binaries. */
  readonly nodeOptions: readonly string[];
  /** Where to write the rows as JSON; null for nowhere. */
  readonly json: string | null;
  /** JSON files of earlier runs to take the rows from instead of measuring. */
  readonly from: readonly string[];
  /** Whether to write the table into the README of apps/bench. */
  readonly readme: boolean;
  /** The column to profile or soak. */
  readonly column: string;
  /** The scenario to profile or soak with. */
  readonly scenario: string;
}

/** A command line that cannot be followed; the message says why. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const HELP = `npm run bench -- [options]          CPU time and memory of servers, side by side

  --only NAME[,NAME]      these scenarios only
  --columns NAME[,NAME]   these servers only (the base comes with them)
  --behind-nginx          the nginx-… servers, compared with nginx-raw: FastCGI against proxy_pass
  --cgi-start             how long a CGI program takes from start to end, beside a bare script (--columns sync,async,hono,express)
  --base NAME             the server the others are compared with (raw)
  --rounds N              how often each is measured (21)
  --requests N            requests in a round (connections, for heap); default: the scenario's own number
  --warmup N              requests before the first round; default: the scenario's own number
  --quick                 5 rounds of a quarter of the requests: a first look
  --fresh                 new server processes for every round: slower, and free of one process's luck
  --node PATH             the node that runs the servers; repeat for several, one after another
  --node-option OPTION    an option for that node, e.g. --node-option=--max-semi-space-size=64; repeatable
  --json FILE             also write the rows as JSON
  --readme                also write the table into apps/bench/README.md
  --from FILE             take the rows from a --json file instead of measuring; repeatable
  --profile COLUMN SCENARIO   where a server's CPU time goes: .cpuprofile in apps/bench/results, top functions printed
  --soak COLUMN [SCENARIO]    a million requests (--requests N): heap at 10 % and at 100 %
  --list                  the scenarios and columns there are
`;

/** Reads the command line. Throws {@link UsageError}. */
export function parseOptions(words: readonly string[]): BenchOptions {
  const { values, positionals } = parse(words);
  const [scenario, ...tooMany] = positionals;
  if (tooMany.length > 0) throw new UsageError(`What is ${tooMany.join(" ")}? See --help`);
  const column = values.profile ?? values.soak ?? "";
  const mode = modeOf(values);
  if (scenario !== undefined && mode !== "profile" && mode !== "soak") {
    throw new UsageError(`What is ${scenario}? Scenarios are chosen by --only ${scenario}`);
  }
  return {
    mode,
    only: listOf(values.only),
    columns: listOf(values.columns),
    behindNginx: values["behind-nginx"] ?? false,
    base: values.base ?? (values["behind-nginx"] === true ? "nginx-raw" : "raw"),
    rounds: countOf("rounds", values.rounds) ?? (values.quick === true ? 5 : 21),
    requests: countOf("requests", values.requests),
    warmup: countOf("warmup", values.warmup),
    haste: values.quick === true ? 4 : 1,
    fresh: values.fresh ?? false,
    nodes: values.node ?? [process.execPath],
    nodeOptions: values["node-option"] ?? [],
    json: values.json ?? null,
    from: values.from ?? [],
    readme: values.readme ?? false,
    column,
    scenario: scenario ?? "hello",
  };
}

type Values = ReturnType<typeof parse>["values"];

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        only: { type: "string" },
        columns: { type: "string" },
        "behind-nginx": { type: "boolean" },
        "cgi-start": { type: "boolean" },
        base: { type: "string" },
        rounds: { type: "string" },
        requests: { type: "string" },
        warmup: { type: "string" },
        quick: { type: "boolean" },
        fresh: { type: "boolean" },
        node: { type: "string", multiple: true },
        "node-option": { type: "string", multiple: true },
        json: { type: "string" },
        readme: { type: "boolean" },
        from: { type: "string", multiple: true },
        profile: { type: "string" },
        soak: { type: "string" },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function modeOf(values: Values): BenchOptions["mode"] {
  if (values.help === true) return "help";
  if (values.list === true) return "list";
  if (values["cgi-start"] === true) return "cgi-start";
  if (values.profile !== undefined) return "profile";
  if (values.soak !== undefined) return "soak";
  return "measure";
}

function listOf(value: string | undefined): string[] | null {
  return value === undefined ? null : value.split(",").filter((name) => name !== "");
}

function countOf(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new UsageError(`--${name} takes a whole number above 0, not ${value}`);
  return Number(value);
}
