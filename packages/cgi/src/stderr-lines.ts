// What a program says on its standard error, line by line, for the server's log.
// Sources: RFC 3875 §9.7 (scripts are not trusted); requirements CH23, FC16, S30 (no line of it can be taken for another).

import { latin1Decode, textOfNative } from "@tsgi/core";

/** The longest line of the log, in bytes; a longer one is told in several. */
const MAX_LINE = 2_048;

const LF = 0x0a;

/** Controls, line separators, what turns the direction of text, and what is not seen. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Cuts bytes into lines. Once `limit` bytes were told, one last line says so, and the rest is thrown away. */
export class StderrLines {
  readonly #tell: (line: string) => void;
  readonly #limit: number;
  #line = "";
  #told = 0;
  #silent = false;

  /**
   * @param tell - Gets each line, control characters escaped.
   * @param limit - How much is told of one request, in bytes.
   */
  constructor(tell: (line: string) => void, limit: number) {
    this.#tell = tell;
    this.#limit = limit;
  }

  dataReceived(chunk: Uint8Array): void {
    for (let start = 0; start < chunk.length && !this.#silent;) {
      const end = chunk.indexOf(LF, start);
      const stop = Math.min(end === -1 ? chunk.length : end, start + MAX_LINE - this.#line.length);
      this.#line += latin1Decode(chunk.subarray(start, stop));
      const isWhole = stop === end;
      if (isWhole || this.#line.length >= MAX_LINE) this.#flush();
      start = isWhole ? stop + 1 : stop;
    }
  }

  /** Nothing follows: a line without an end is told as well. */
  ended(): void {
    if (!this.#silent) this.#flush();
  }

  #flush(): void {
    const line = this.#line.trimEnd();
    this.#line = "";
    if (line === "") return;
    if (this.#told + line.length > this.#limit) {
      this.#silent = true;
      this.#tell(`(more than ${this.#limit} bytes: the rest is left out)`);
      return;
    }
    this.#told += line.length;
    this.#tell(textOfNative(line).replace(UNSHOWN, escaped));
  }
}

function escaped(found: string): string {
  if (found === "\t") return found;
  const code = found.codePointAt(0) as number;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
