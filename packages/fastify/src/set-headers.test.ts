import { expect, test } from "vitest";
import { cookiesOf } from "./set-headers.ts";

test.each([
  ["a=1", "b=2", ["a=1", "b=2"]],
  ["a=1", ["b=2", "c=3"], ["a=1", "b=2", "c=3"]],
  [["a=1", "b=2"], ["c=3"], ["a=1", "b=2", "c=3"]],
  [["a=1"], ["a=1", "b=2"], ["a=1", "b=2"]],
  [["a=1", "b=2"], "a=1", ["b=2", "a=1"]],
])("of cookies set before, %j, and since, %j, each is there once [A42 X17]", (before, since, expected) => {
  expect(cookiesOf(before, since)).toEqual(expected);
});
