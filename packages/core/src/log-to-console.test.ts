import { afterEach, beforeEach, expect, test, vi, type MockInstance } from "vitest";
import { logToConsole } from "./log-to-console.ts";

let spy: MockInstance<typeof console.error>;
const logged = (): string => spy.mock.calls.map(([line]) => String(line)).join("\n");

beforeEach(() => {
  spy = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  spy.mockRestore();
});

test.each([
  ["a line end", "a\r\nb", "a\\x0d\\x0ab"],
  ["ESC", "\x1b[31m", "\\x1b[31m"],
  ["NUL and DEL", "\0\x7f", "\\x00\\x7f"],
  ["an 8-bit control character", "\x9b31m", "\\x9b31m"],
  ["line separators that are no control characters", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["what turns the direction of text", "a\u202eb\u2066c", "a\\u202eb\\u2066c"],
  ["what is not seen", "a\u200bb\ufeffc", "a\\u200bb\\ufeffc"],
  ["half a character", "a\ud800b", "a\\ud800b"],
])("escapes %s [S30]", (_what, message, expected) => {
  logToConsole("error", message);
  expect(logged()).toBe(`tsgi error: ${expected}`);
});

test("writes other characters as they are [S30]", () => {
  logToConsole("warn", "GET /caf\u00e9/\u65e5\u672c/\u{1f600}");
  expect(logged()).toBe("tsgi warn: GET /caf\u00e9/\u65e5\u672c/\u{1f600}");
});

test("no line of an error can be taken for a line of the log [S30]", () => {
  logToConsole("error", "x", new Error("a\ntsgi error: forged\r\ntsgi error: twice\u2028tsgi error: thrice"));
  for (const line of logged().split("\n").slice(1)) expect(line).toMatch(/^ {2}/);
  expect(logged()).toContain("\n  tsgi error: forged\\x0d\n  tsgi error: twice\\u2028tsgi");
  expect(logged().match(/^tsgi error/gm)).toHaveLength(1);
});

test("tells the causes of an error, to a depth [A10]", () => {
  const root = new Error("root");
  logToConsole("error", "x", new Error("top", { cause: new Error("middle", { cause: root }) }));
  expect(logged()).toMatch(/top.*caused by.*middle.*caused by.*root/s);
});

const circle = new Error("round");
circle.cause = circle;
let chain: unknown = "end";
for (let i = 0; i < 100_000; i += 1) chain = new Error("link", { cause: chain });

test.each<[what: string, error: unknown, shown: string]>([
  ["null", null, "null"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["a bigint", 1n, "1"],
  ["an object without a prototype", Object.create(null), "object"],
  ["an object", { a: 1 }, '{"a":1}'],
  ["an object without end", { a: "x".repeat(1_000_000) }, "xxx"],
  ["a cause that is the error itself", circle, "round"],
  ["causes without end", chain, "link"],
  ["a stack that is no string", Object.assign(new Error("x"), { stack: 5 }), "x"],
  ["a stack that is empty", Object.assign(new Error("said"), { stack: "" }), "said"],
  ["a stack that throws", Object.defineProperty(new Error("x"), "stack", { get: fail }), ""],
  [
    "a message that throws",
    Object.defineProperty(Object.assign(new Error("x"), { stack: undefined }), "message", { get: fail }),
    "",
  ],
  ["a cause that throws", Object.defineProperty(new Error("x"), "cause", { get: fail }), ""],
  ["a toString that throws", { toString: fail }, ""],
  ["a proxy that throws", new Proxy({}, { get: fail, getPrototypeOf: fail }), ""],
])("never fails, whatever the error is: %s [A10 S26]", (_what, error, shown) => {
  logToConsole("error", "x", error);
  expect(logged()).toMatch(/^tsgi error: x\n/);
  expect(logged()).toContain(shown);
  expect(logged().length).toBeLessThan(20_000);
});

test("an undefined error is no error, and nothing is added [A10]", () => {
  logToConsole("error", "x");
  expect(logged()).toBe("tsgi error: x");
});

function fail(): never {
  throw new Error("trap");
}
