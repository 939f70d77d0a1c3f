// A server that is no Node program: started with this process, ended with it, and its CPU time read from the kernel.
// Source: https://docs.kernel.org/scheduler/sched-stats.html (/proc/PID/task/TID/schedstat: time on the processor, in nanoseconds).
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import type { CpuUsage } from "./messages.ts";

/** Starts a program that ends with this process, and gives its number. */
export function startProgram(command: string, args: readonly string[]): number {
  const child = spawn("setpriv", ["--pdeathsig", "TERM", command, ...args], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  child.on("error", (error) => {
    throw error;
  });
  process.on("exit", () => child.kill());
  return child.pid as number;
}

/** Waits until somebody accepts connections on a unix socket, for at most ten seconds. */
export async function listens(path: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(path);
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (accepted) return;
    if (performance.now() > deadline) throw new Error(`Nobody listens on ${path}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** CPU time of a process and of its children, all threads; what the kernel does for it counts as `user` too. */
export function usageOf(pid: number): CpuUsage {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    nanoseconds += Number(readFileSync(`${folder}/schedstat`, "latin1").split(" ", 1)[0]);
    for (const child of readFileSync(`${folder}/children`, "latin1").split(" ").filter(Boolean)) {
      nanoseconds += usageOf(Number(child)).user * 1000;
    }
  }
  return { user: nanoseconds / 1000, system: 0 };
}
