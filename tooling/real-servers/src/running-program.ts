// A program that runs in the foreground for a test: ready when it accepts, stopped by its own pid, its log in every failure.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { connect, createServer, type AddressInfo, type NetConnectOpts } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import type { Place } from "./place.ts";
import { pathOf } from "./programs.ts";

/** How long a program may take to accept connections, in milliseconds. */
const START_TIME = 15_000;
/** How long it may take to end after SIGTERM, in milliseconds; then it and all its children are killed. */
const STOP_TIME = 5_000;

/** What to run. */
export interface ProgramOptions {
  readonly place: Place;
  readonly program: string;
  readonly args: readonly string[];
  /** Besides the place's own. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** It is ready when all of these accept a connection. */
  readonly accepts: readonly NetConnectOpts[];
  /** The files in the place it logs to, besides its output. Default: none. */
  readonly logs?: readonly string[];
  /** Runs a program that runs the program: `["ip", "netns", "exec", "a"]`. Default: none. */
  readonly within?: readonly string[];
}

/** A program that runs. */
export interface RunningProgram {
  readonly pid: number;
  /** What it exited with; `null` while it runs, and if a signal ended it. */
  readonly exitCode: number | null;
  /** What it wrote to its output and its logs so far: the last 4000 characters of each. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it: by SIGTERM, and, should that not help, by SIGKILL, its children too. */
  stop(): Promise<void>;
}

/** A web server that runs. */
export interface RunningServer {
  readonly port: number;
  /** What it logged so far. */
  log(): string;
  /** Ends it, and removes nothing. */
  stop(): Promise<void>;
}

/**
 * Starts a program, and waits until it accepts.
 *
 * @throws if it ends before, or takes too long; with what it logged.
 */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { place, program, args, accepts } = options;
  const child = spawnLogged(options);
  const running = new Running(child, options);
  try {
    const pid = child.pid;
    if (pid === undefined) throw (await once(child, "error"))[0];
    const deadline = Date.now() + START_TIME;
    for (const address of accepts) {
      while (!(await isAccepted(address))) {
        if (running.hasEnded) throw new Error(`It ended with ${child.exitCode ?? child.signalCode}`);
        if (Date.now() > deadline) throw new Error(`No connection within ${START_TIME} ms`);
        await later(5);
      }
    }
    return running;
  } catch (error) {
    await running.stop();
    const what = `${program} ${args.join(" ")} in ${place.folder} did not start`;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${what}: ${why}\n${running.log()}`, { cause: error });
  }
}

class Running implements RunningProgram {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #options: ProgramOptions;

  constructor(child: ChildProcess, options: ProgramOptions) {
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#options = options;
    // A test process that is ended early leaves no server behind.
    const kill = (): void => this.#killAll();
    process.once("exit", kill);
    child.once("exit", () => process.off("exit", kill));
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  get hasEnded(): boolean {
    return this.pid === 0 || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  log(): string {
    const { place, program, logs = [] } = this.#options;
    const texts = [outputOf(program), ...logs]
      .map((name) => [name, place.read(name).trim().slice(-4000)] as const)
      .filter(([, text]) => text !== "")
      .map(([name, text]) => `--- ${name}\n${text}`);
    if (this.hasEnded)
      texts.push(`--- ${program} has ended: ${this.#child.signalCode ?? this.#child.exitCode}`);
    return texts.join("\n");
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return this.#killAll();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#killAll(), STOP_TIME);
    await ended;
    clearTimeout(timer);
    this.#killAll();
  }

  /** It leads a process group of its own: what is left of its children goes with it. */
  #killAll(): void {
    if (this.pid === 0) return;
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // Nobody is left.
    }
  }
}

function outputOf(program: string): string {
  return `${program.split("/").at(-1)}.out`;
}

function spawnLogged({ place, program, args, env, within = [] }: ProgramOptions): ChildProcess {
  place.write(outputOf(program), "");
  // A file: servers open /dev/stderr again by its name, which a pipe or a socket of Node does not survive.
  const output = openSync(place.path(outputOf(program)), "a");
  const [command = program, ...rest] = [...within, pathOf(program), ...args];
  const child = spawn(command, rest, {
    cwd: place.folder,
    env: { ...place.env, ...env },
    stdio: ["ignore", output, output],
    detached: true,
    ...(within.length === 0 ? place.user : {}),
  });
  closeSync(output);
  child.on("error", () => {});
  return child;
}

/** A TCP port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function isAccepted(address: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
