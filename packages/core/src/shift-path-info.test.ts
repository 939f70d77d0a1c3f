// Every row is what wsgiref.util.shift_path_info of CPython 3.11 does.

import { expect, test } from "vitest";
import type { Environ } from "./pep3333.ts";
import { shiftPathInfo } from "./shift-path-info.ts";

const ROWS: [before: [string, string], name: string | null, after: [string, string]][] = [
  [["", "/x"], "x", ["/x", ""]],
  [["/", ""], null, ["/", ""]],
  [["", ""], null, ["", ""]],
  [["", "/"], "", ["/", ""]],
  [["/a", "/"], "", ["/a/", ""]],
  [["/a", "/x/y"], "x", ["/a/x", "/y"]],
  [["/a", "/x/"], "x", ["/a/x", "/"]],
  [["/a/b", "/../y"], "..", ["/a", "/y"]],
  [["/a/b", "//y/"], "y", ["/a/b/y", "/"]],
  [["/a/b", "//y"], "y", ["/a/b/y", ""]],
  [["/a/b", "/./y"], "y", ["/a/b/y", ""]],
  [["/a/b", "/x//y"], "x", ["/a/b/x", "/y"]],
  [["/a/b", "//"], "", ["/a/b/", ""]],
  [["/a/b", "///"], "", ["/a/b/", ""]],
  [["/a/b", "/."], null, ["/a/b", ""]],
];

test.each(ROWS)("shifting %j gives %j and leaves %j [W20]", ([SCRIPT_NAME, PATH_INFO], name, after) => {
  const environ = { SCRIPT_NAME, PATH_INFO } as Environ;
  expect(shiftPathInfo(environ)).toBe(name);
  expect([environ.SCRIPT_NAME, environ.PATH_INFO]).toEqual(after);
});

test("there is nothing to shift off the path of OPTIONS * [W20]", () => {
  const environ = { SCRIPT_NAME: "", PATH_INFO: "*" } as Environ;
  expect(shiftPathInfo(environ)).toBeNull();
  expect(environ.PATH_INFO).toBe("*");
});
