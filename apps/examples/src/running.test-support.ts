// The examples as their readers run them: one process each, from source, on a free port.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const LOADER: string = new URL("../../bench/source-loader.mjs", import.meta.url).href;

/** A program of the examples that runs. */
export interface Running {
  /** What it says it can be reached at. */
  readonly url: string;
  /** What it has written so far, of both streams. */
  output(): string;
  /** Resolves as soon as the output has this text. */
  until(text: string): Promise<void>;
  /** Sends SIGTERM and waits: what it ends with is its status, or the signal. */
  stop(): Promise<number | string | null>;
}

/**
 * Starts a program in a process of its own.
 *
 * @param file - From `src/`.
 * @param environment - Besides PORT, which is 0.
 */
export async function run(file: string, environment: Record<string, string> = {}): Promise<Running> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ["--import", LOADER, "--conditions=@tsgi/source", program], {
    env: { PATH: process.env["PATH"] ?? "", PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  let output = "";
  let heard = (): void => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      heard();
    });
  }
  child.on("close", () => heard());
  const until = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      if (child.exitCode !== null) throw new Error(`${file} ended without ${text}:\n${output}`);
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  await until("\n");
  const url = /https?:\/\/[^\s/]+/.exec(output)?.[0];
  if (url === undefined) {
    child.kill("SIGKILL");
    throw new Error(`${file} does not say where it is:\n${output}`);
  }
  return {
    url,
    output: () => output,
    until,
    async stop() {
      child.kill("SIGTERM");
      const [status, signal] = (await ended) as [number | null, string | null];
      return status ?? signal;
    },
  };
}
