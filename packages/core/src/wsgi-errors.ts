// wsgi.errors: what the app writes for the operator becomes lines of the server's log.
// Source: PEP 3333 "Input and Error Streams".

import type { ErrorStream } from "./pep3333.ts";
import type { LogLevel } from "./transport.ts";

/** The longest line, in code units; a longer one is logged in pieces. */
export const MAX_ERROR_LINE = 8192;

/** Where the lines go. */
export interface LineSink {
  log(level: LogLevel, line: string): void;
}

/** The error stream of one request. A line is logged once it is complete, or flushed. */
export class LineLog implements ErrorStream {
  readonly #sink: LineSink;
  #partial = "";

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  write(text: string): void {
    const lines = (this.#partial + textOf(text)).split("\n");
    this.#partial = lines.pop() as string;
    for (const line of lines) this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (this.#partial.length >= MAX_ERROR_LINE) {
      this.#sink.log("error", this.#partial.slice(0, MAX_ERROR_LINE));
      this.#partial = this.#partial.slice(MAX_ERROR_LINE);
    }
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line);
  }

  flush(): void {
    const partial = this.#partial;
    this.#partial = "";
    if (partial !== "") this.#sink.log("error", partial);
  }

  #line(line: string): void {
    for (let start = 0; start < line.length || start === 0; start += MAX_ERROR_LINE) {
      this.#sink.log("error", line.slice(start, start + MAX_ERROR_LINE));
    }
  }
}

/** Whatever is no string, an Error say, is shown as one: what goes to the log must not fail. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value without a text";
  }
}
