// The log of the server under test, as far as its adapter passes it on.

import type { LogLevel } from "@tsgi/core";

/** Takes a line of a log. */
export type LogSink = (level: LogLevel, message: string, error?: unknown) => void;

/** A line a server logged. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly error: unknown;
}

/** Collects what a server logs. */
export class Log {
  readonly entries: LogEntry[] = [];
  #waiting: (() => void)[] = [];

  /** Takes a line; give it to the server as its log. */
  readonly write: LogSink = (level, message, error) => {
    this.entries.push({ level, message, error });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  };

  /** Resolves when there are this many lines. */
  async until(count: number): Promise<void> {
    while (this.entries.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
