// wsgi.input and wsgi.errors under the lint: how the app calls them, and what the server's answer.
// Source: PEP 3333 "Input and Error Streams"; requirements W21 to W23, W25 to W27.

import { isBytes, type ErrorStream, type InputStream } from "@tsgi/core";
import { isIterableObject, seen } from "./event-values.ts";
import type { Findings } from "./lint-error.ts";
import { onlyMembers } from "./members.ts";

const LF = 0x0a;

/**
 * Wraps `wsgi.input`.
 *
 * @param contentLength - CONTENT_LENGTH, if the environ has it.
 */
export function lintedInput(input: unknown, contentLength: unknown, findings: Findings): InputStream {
  const { app, server } = findings;
  const stream = input as Partial<InputStream> | null | undefined;
  for (const method of ["read", "readline", "readlines", Symbol.iterator] as const) {
    if (typeof stream?.[method] !== "function") server("W21", `wsgi.input has no ${String(method)}`);
  }
  const source = stream as InputStream;
  const watch = new InputWatch(typeof contentLength === "string" ? Number(contentLength) : -1, findings);
  /** The size asked for; a negative one means all there is, as with files. */
  const sizeOf = (size: number | undefined, method: string): number | undefined => {
    if (size !== undefined && !Number.isSafeInteger(size)) {
      app("W22", `${method} takes a number of bytes, or nothing, not ${seen(size)}`);
    }
    return size === undefined || size < 0 ? undefined : size;
  };
  const stopped = (): boolean => watch.ended;
  const linted: InputStream = {
    read(size) {
      const most = sizeOf(size, "read");
      return watch.read(size === undefined ? source.read() : source.read(size), most);
    },
    readline(size) {
      const most = sizeOf(size, "readline");
      return watch.line(size === undefined ? source.readline() : source.readline(size), most);
    },
    readlines(hint) {
      const most = sizeOf(hint, "readlines");
      const lines: unknown = hint === undefined ? source.readlines() : source.readlines(hint);
      if (!Array.isArray(lines)) server("W21", `readlines gave ${seen(lines)}, and no array`);
      for (const line of lines as unknown[]) watch.line(line, undefined);
      if (most === undefined) watch.end();
      return lines as Uint8Array[];
    },
    *[Symbol.iterator]() {
      for (const line of source) {
        yield watch.line(line, undefined);
        if (stopped()) return;
      }
      watch.end();
    },
  };
  return onlyMembers(linted, "wsgi.input", findings);
}

/** What was read so far. */
class InputWatch {
  readonly #length: number;
  readonly #findings: Findings;
  #total = 0;
  /** A line without its LF came: nothing may follow. */
  #tail = false;
  /** An empty array came, or the rest of the body. */
  ended = false;

  constructor(length: number, findings: Findings) {
    this.#length = length;
    this.#findings = findings;
  }

  read(bytes: unknown, size: number | undefined): Uint8Array {
    const { server } = this.#findings;
    if (!isBytes(bytes)) server("W21", `wsgi.input gave ${seen(bytes)}, and no Uint8Array`);
    const { byteLength } = bytes as Uint8Array;
    if (size !== undefined && byteLength > size)
      server("W22", `wsgi.input gave ${byteLength} bytes of ${size}`);
    if (byteLength > 0 && this.ended) server("W21", "wsgi.input gave bytes after its end");
    if (byteLength > 0 && this.#tail) server("W23", "wsgi.input gave bytes after a line without its LF");
    this.#total += byteLength;
    if (this.#length >= 0 && this.#total > this.#length) {
      server("W22", `wsgi.input gave ${this.#total} bytes, and CONTENT_LENGTH is ${this.#length}`);
    }
    if (size === undefined || (byteLength === 0 && size > 0)) this.end();
    return bytes as Uint8Array;
  }

  line(line: unknown, size: number | undefined): Uint8Array {
    const bytes = this.read(line, size ?? Infinity);
    const { server } = this.#findings;
    const at = bytes.indexOf(LF);
    if (at !== -1 && at !== bytes.byteLength - 1) server("W23", "a line of wsgi.input goes on after its LF");
    const isWhole = at !== -1 || bytes.byteLength === 0 || (size !== undefined && bytes.byteLength === size);
    if (!isWhole) this.#tail = true;
    return bytes;
  }

  end(): void {
    this.ended = true;
    if (this.#length >= 0 && this.#total < this.#length) {
      this.#findings.server("W25", `wsgi.input ended after ${this.#total} of ${this.#length} bytes`);
    }
  }
}

/** Wraps `wsgi.errors`. */
export function lintedErrors(errors: unknown, findings: Findings): ErrorStream {
  const { app, server } = findings;
  const stream = errors as Partial<ErrorStream> | null | undefined;
  for (const method of ["write", "writelines", "flush"] as const) {
    if (typeof stream?.[method] !== "function") server("W27", `wsgi.errors has no ${method}`);
  }
  const sink = stream as ErrorStream;
  const checkText = (text: unknown): void => {
    if (typeof text !== "string") app("W27", `wsgi.errors takes text, not ${seen(text)}`);
  };
  const never = (write: () => void): void => {
    try {
      write();
    } catch (error) {
      server("W27", "wsgi.errors threw, which it never may", error);
    }
  };
  const linted: ErrorStream = {
    write(text) {
      checkText(text);
      never(() => sink.write(text));
    },
    writelines(lines) {
      if (!isIterableObject(lines)) app("W27", `writelines takes a list of texts, not ${seen(lines)}`);
      const list = [...lines];
      for (const line of list) checkText(line);
      never(() => sink.writelines(list));
    },
    flush: () => never(() => sink.flush()),
  };
  return onlyMembers(linted, "wsgi.errors", findings);
}
