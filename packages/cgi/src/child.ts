// One CGI program at work: a process group of its own, so that what it has started can be ended with it. No shell, ever.
// Sources: RFC 3875 §7.2, §9.6; CVE-2012-1823 (nothing of the query in the arguments); requirements CH1, CH24, CH27, CH30, S28.

import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { GatewayError } from "@tsgi/core";

/** What is started, and how. */
export interface Program {
  /** The file that is executed: an absolute path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether there is a body: else standard input is empty. */
  readonly hasBody: boolean;
  /** How long it may take to end once it is told to, in milliseconds. */
  readonly grace: number;
}

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program could not be started; `code` of its cause says why. */
export class SpawnFailed extends GatewayError {
  override readonly name: string = "SpawnFailed";
  /** What the client gets. */
  readonly status: 431 | 500 | 503;

  constructor(file: string, cause: NodeJS.ErrnoException) {
    super("TSGI_ERR_SPAWN", `The program ${JSON.stringify(file)} cannot be started: ${cause.code}`, {
      cause,
    });
    this.status = statusOf(cause.code);
  }
}

/** A program that runs. */
export class Child {
  readonly pid: number;
  /** Standard input; `null` if there is no body. */
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the program has ended; what it has started may go on. */
  readonly exited: Promise<Exit>;
  /** Resolves when nothing of its process group is left. */
  readonly gone: Promise<void>;
  readonly #process: ChildProcess;
  readonly #grace: number;
  #leave!: () => void;
  #killTimer: NodeJS.Timeout | null = null;

  /** @param grace - How long the group may take to end once it is told to, in milliseconds. */
  constructor(process: ChildProcess, grace: number) {
    this.#process = process;
    this.#grace = grace;
    this.pid = process.pid as number;
    this.stdin = process.stdin;
    this.stdout = process.stdout as Readable;
    this.stderr = process.stderr as Readable;
    this.exited = new Promise((resolve) => {
      process.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.gone = new Promise((resolve) => {
      this.#leave = resolve;
    });
    void this.exited.then(() => {
      if (!this.signal(0)) this.#settle();
    });
    // A program need not read its input, nor be there to be killed.
    for (const emitter of [process, this.stdin, this.stdout, this.stderr]) emitter?.on("error", () => {});
  }

  /**
   * Ends what is left of the group: SIGTERM now, and SIGKILL later for what is still there. Nobody reads its output, or writes to it,
   * any more.
   */
  terminate(): void {
    this.stdin?.destroy();
    this.stdout.destroy();
    this.endGroup();
  }

  /** The same, but what was written already can still be read. */
  endGroup(): void {
    if (this.#killTimer !== null || !this.signal("SIGTERM")) return;
    this.#killTimer = setTimeout(() => this.#kill(), this.#grace);
    // As long as the program runs, the process does too; its descendants are no reason to wait.
    this.#killTimer.unref();
  }

  /** Sends a signal to the group. @returns `false` if all of it is gone. */
  signal(signal: NodeJS.Signals | 0): boolean {
    try {
      if (process.platform === "win32") return this.#process.kill(signal);
      return process.kill(-this.pid, signal);
    } catch {
      return false;
    }
  }

  #kill(): void {
    this.signal("SIGKILL");
    void this.exited.then(() => this.#settle());
  }

  #settle(): void {
    if (this.#killTimer !== null) clearTimeout(this.#killTimer);
    this.#leave();
    if (this.stderr.readableEnded) return;
    // A daemon that has left the group may hold it for as long as it lives.
    setTimeout(() => this.stderr.destroy(), this.#grace).unref();
  }
}

/**
 * Starts a program.
 *
 * @throws {@link SpawnFailed}
 */
export async function startProgram(program: Program): Promise<Child> {
  const { file, args, directory, env, hasBody, grace } = program;
  try {
    refuseText(file);
    const child = spawn(file, args, {
      cwd: directory,
      env,
      stdio: [hasBody ? "pipe" : "ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      shell: false,
      windowsHide: true,
    });
    if (child.pid !== undefined) return new Child(child, grace);
    const error = await new Promise<Error>((resolve) => child.once("error", resolve));
    for (const stream of child.stdio ?? []) stream?.destroy();
    throw error;
  } catch (error) {
    throw new SpawnFailed(file, error as NodeJS.ErrnoException);
  }
}

/** How much of a file is looked at, in bytes: what the kernel itself looks at. */
const MAGIC = 256;

/**
 * execvp, by which libuv starts programs, has `/bin/sh` run what the kernel does not know as a program: a text without `#!`.
 * Binaries have a NUL in their first bytes; a file that may be executed but not read can be no script.
 */
function refuseText(file: string): void {
  if (process.platform === "win32") return;
  const start = new Uint8Array(MAGIC);
  let length: number;
  try {
    // At once, as to start a process is: four turns of a thread pool would take longer.
    // Without waiting: a FIFO nobody writes to would stop the server.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      length = readSync(fd, start, 0, MAGIC, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return;
    throw error;
  }
  if ((start[0] === 0x23 && start[1] === 0x21) || start.subarray(0, length).includes(0)) return;
  throw Object.assign(new Error("The file is no program: it has no #! line"), { code: "ENOEXEC" });
}

function statusOf(code: string | undefined): 431 | 500 | 503 {
  // The headers of the request made the environment too large.
  if (code === "E2BIG") return 431;
  return code === "EAGAIN" || code === "EMFILE" || code === "ENFILE" || code === "ENOMEM" ? 503 : 500;
}
