// What an upstream says on STDERR: for the log, and for whoever would rather have no response than one with that in the log.
// Sources: FastCGI 1.0 §6.1; nginx fastcgi_catch_stderr; requirement FC16.

import { StderrLines, type ScriptResponse } from "@tsgi/cgi";
import type { Log } from "@tsgi/core";
import { UpstreamFailure } from "./upstream-failure.ts";

/** How much of it is told, and what is fatal in it. */
export interface StderrRules {
  /** In bytes, of one request. */
  readonly maxStderr: number;
  readonly catchStderr: readonly (string | RegExp)[];
}

/** The STDERR of one request. */
export class UpstreamStderr {
  /** Who speaks. */
  name = "";
  #received = 0;
  readonly #most: number;
  readonly #told: StderrLines;
  readonly #watched: StderrLines | null;

  constructor(response: ScriptResponse, { maxStderr, catchStderr }: StderrRules, log: Log) {
    this.#most = maxStderr;
    this.#told = new StderrLines((line) => log("warn", `FastCGI stderr of ${this.name}: ${line}`), maxStderr);
    const isFatal = (line: string): boolean =>
      catchStderr.some((pattern) =>
        typeof pattern === "string" ? line.includes(pattern) : pattern.test(line),
      );
    const watch = (line: string): void => {
      if (response.hasHead || !isFatal(line)) return;
      response.failed(
        502,
        new UpstreamFailure(502, `STDERR of ${this.name} has what is not to be answered: ${line}`),
      );
    };
    this.#watched = catchStderr.length === 0 ? null : new StderrLines(watch, Infinity);
  }

  /** @returns `false` for what is more than is told: it may come without end, and is no sign that a response will. */
  dataReceived(bytes: Uint8Array): boolean {
    this.#received += bytes.length;
    this.#told.dataReceived(bytes);
    this.#watched?.dataReceived(bytes);
    return this.#received <= this.#most;
  }

  /** Nothing follows: a line without an end is one, too. */
  ended(): void {
    this.#told.ended();
    this.#watched?.ended();
  }
}
