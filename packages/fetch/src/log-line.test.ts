// The default log: whatever is in a line, it stays one.

import { expect, test, vi } from "vitest";
import { logToConsole } from "./log-line.ts";

test("neither a message nor an error can write a line of its own, and anything may be thrown [S30]", () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  try {
    logToConsole(
      "error",
      "at /a\r\nForged: line\u001b[2J",
      new Error("one\u2028two", { cause: new Error("below") }),
    );
    for (const thrown of [
      null,
      "text",
      {},
      Object.create(null),
      {
        get stack() {
          throw new Error("no");
        },
      },
    ]) {
      logToConsole("warn", "thrown", thrown);
    }
    logToConsole("warn", "alone");
  } finally {
    spy.mockRestore();
  }
  expect(lines).toHaveLength(7);
  expect(lines[0]?.split("\n")[0]).toBe("tsgi error: at /a\\u{d}\\u{a}Forged: line\\u{1b}[2J");
  expect(lines[0]).toContain("one\\u{2028}two");
  expect(lines[0]).toContain("caused by Error: below");
  for (const line of lines) expect(line.replaceAll("\n  ", "")).not.toMatch(/[\p{Cc}\u2028]/u);
});
