// wsgi.errors: text becomes lines of the log.
// Source: PEP 3333 "Input and Error Streams".

import { expect, test } from "vitest";
import { LineLog, MAX_ERROR_LINE } from "./wsgi-errors.ts";

function make(): [errors: LineLog, lines: string[]] {
  const lines: string[] = [];
  return [new LineLog({ log: (level, line) => lines.push(`${level}: ${line}`) }), lines];
}

test("each line is logged as an error once it is complete [W27]", () => {
  const [errors, lines] = make();
  errors.write("one\ntw");
  expect(lines).toEqual(["error: one"]);
  errors.write("o\r\n\nthree");
  expect(lines).toEqual(["error: one", "error: two", "error: "]);
});

test("flush logs what is there of a line, once [W27]", () => {
  const [errors, lines] = make();
  errors.write("partial");
  errors.flush();
  errors.flush();
  expect(lines).toEqual(["error: partial"]);
});

test("writelines writes what it is given, without adding line feeds [W27]", () => {
  const [errors, lines] = make();
  errors.writelines(new Set(["a", "b\n", "c\n"]));
  expect(lines).toEqual(["error: ab", "error: c"]);
});

test("any text is taken, a lone surrogate and what is no text included [W27]", () => {
  const [errors, lines] = make();
  errors.write("\ud800 \u{1f600} \u3042\n");
  errors.write(new Error("boom") as never);
  errors.write(undefined as never);
  errors.flush();
  expect(lines).toEqual(["error: \ud800 \u{1f600} \u3042", "error: Error: boomundefined"]);
});

test("a line of 8192 code units is one line, and a longer one several [W27]", () => {
  const [errors, lines] = make();
  errors.write(`${"a".repeat(MAX_ERROR_LINE)}\n${"b".repeat(MAX_ERROR_LINE + 1)}\n`);
  expect(lines.map((line) => line.length - "error: ".length)).toEqual([MAX_ERROR_LINE, MAX_ERROR_LINE, 1]);
});

test("text without a line feed is not kept beyond 8192 code units [W27]", () => {
  const [errors, lines] = make();
  errors.write("a".repeat(MAX_ERROR_LINE - 1));
  expect(lines).toHaveLength(0);
  errors.write("a");
  expect(lines).toHaveLength(1);
  errors.flush();
  expect(lines).toHaveLength(1);
});
