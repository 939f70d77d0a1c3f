// The side of a bench process that asks: starts a Node process with a clean environment, and puts questions to it.
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer } from "./messages.ts";
import { EXTENSION } from "./scenario.ts";

/** Which Node runs a process, and how. */
export interface NodeChoice {
  /** Path of the node binary. Default: the running one. */
  readonly path?: string;
  /** Its options, e.g. `--expose-gc`. Default: none. */
  readonly options?: readonly string[];
}

/** How long a process may take over one answer before it is given up, in milliseconds. */
const ANSWER_LIMIT = 120_000;

/** How long a process may take to end once told to, before it is killed, in milliseconds. */
const STOP_LIMIT = 5000;

/** How much of a process's standard error is kept for an error message, in characters. */
const STDERR_KEPT = 4000;

/** A running process of the bench. */
export class Child<Question extends { readonly ask: string }> {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #stderr = "";
  #settle: ((outcome: Answer) => void) | undefined;

  /** Starts `src/NAME` with arguments; its first words are to be awaited by {@link Child.hear}. */
  constructor(name: string, args: readonly string[], node: NodeChoice = {}) {
    const entry = fileURLToPath(new URL(`./${name}${EXTENSION}`, import.meta.url));
    this.#process = fork(entry, args, {
      execPath: node.path ?? process.execPath,
      execArgv: [...(node.options ?? [])],
      // Nothing of the caller's environment: NODE_OPTIONS or NODE_EXTRA_CA_CERTS would change what is measured.
      env: { PATH: process.env["PATH"] ?? "", NODE_ENV: "production" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    this.#process.on("message", (answer: Answer) => this.#settle?.(answer));
    this.#exited = new Promise((resolve) => {
      const gone = (why: string): void => {
        resolve();
        this.#settle?.({ error: `The process ${name} ${args.join(" ")} ${why}\n${this.#stderr}`.trimEnd() });
      };
      this.#process.on("error", (error) => gone(`could not be run: ${error.message}`));
      this.#process.on("close", (code, signal) => gone(`ended with ${signal ?? code}`));
    });
  }

  /** The operating system's number of the process. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Waits for what the process says next. */
  async hear<Said>(): Promise<Said> {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Answer>((resolve) => {
      this.#settle = resolve;
      timer = setTimeout(() => resolve({ error: `No answer within ${ANSWER_LIMIT} ms` }), ANSWER_LIMIT);
    });
    clearTimeout(timer);
    this.#settle = undefined;
    if ("error" in outcome) throw new Error(outcome.error);
    return outcome.answer as Said;
  }

  /** Asks a question and waits for the answer. One at a time. */
  ask<Said>(question: Question): Promise<Said> {
    const answer = this.hear<Said>();
    if (this.#process.connected) this.#process.send(question);
    else this.#settle?.({ error: `The process has ended\n${this.#stderr}`.trimEnd() });
    return answer;
  }

  /** Ends the process and waits until it has; safe to call twice. */
  async stop(): Promise<void> {
    const killer = setTimeout(() => this.#process.kill("SIGKILL"), STOP_LIMIT);
    if (this.#process.connected) this.#process.send({ ask: "stop" });
    await this.#exited;
    clearTimeout(killer);
  }
}
