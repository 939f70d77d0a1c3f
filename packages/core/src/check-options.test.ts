// Options that nobody reads are refused.

import { expect, test } from "vitest";
import { checkOptions } from "./check-options.ts";

const KNOWN = { port: true, path: true, fd: true, maxBodySize: true, maxHeaderSize: true } as const;

function messageOf(options: unknown): string | null {
  try {
    checkOptions(options as { [Name in keyof typeof KNOWN]: unknown }, KNOWN);
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: "TSGI_ERR_OPTION" });
    return (error as Error).message;
  }
}

test.each([{}, { port: 1 }, { fd: undefined }, Object.create({ portt: 1 }) as object])(
  "%o is taken [S8]",
  (options) => {
    expect(messageOf(options)).toBeNull();
  },
);

test.each([
  ["portt", "port"],
  ["prot", "port"],
  ["Port", "port"],
  ["pat", "path"],
  ["df", null],
  ["maxbodysize", "maxBodySize"],
  ["maxBodyLimit", null],
  ["maxHeadersSize", "maxHeaderSize"],
  ["toString", null],
  ["__proto__", null],
  ["", null],
])("of the unknown option %j the next known one is %j [S8]", (name, meant) => {
  const options: unknown = JSON.parse(`{"port":1,${JSON.stringify(name)}:1}`);
  const question = meant === null ? "" : `: did you mean "${meant}"?`;
  expect(messageOf(options)).toBe(`Unknown option ${JSON.stringify(name)}${question}`);
});

test("an unknown option is refused without a value too [S8]", () => {
  expect(messageOf({ portt: undefined })).toBe('Unknown option "portt": did you mean "port"?');
});

test.each([[3000], ["3000"], [null], [true]])("%j is no object of options [S8]", (options) => {
  expect(messageOf(options)).toBe(`Options are an object, not ${options}`);
});
