import { expect, test } from "vitest";
import { mountPoint, mountPrefix } from "./mount-point.ts";

test.each([
  ["", "/", ""],
  ["", "/a/b?c", ""],
  ["/", "/a", ""],
  ["/shop", "/shop", "/shop"],
  ["/shop", "/shop/", "/shop"],
  ["/shop/", "/shop/x", "/shop"],
  ["/shop", "/shop?q=/x", "/shop"],
  ["/shop", "/shop/a/../b", "/shop"],
  ["/shop", "/sho%70/x", "/shop"],
  ["/shop", "/SHOP/x", "/SHOP"],
  ["/a/b", "/a/b/c", "/a/b"],
  ["/caf\u00e9", "/caf%C3%A9/x", "/caf\u00e9"],
  ["/of/:tenant", "/of/me/x?y", "/of/me"],
  ["/of/:tenant", "/of/a%2Fb/x", "/of/a/b"],
  ["/of/:tenant", "/of/me", "/of/me"],
  ["/shop", "//shop//x", "//shop"],
  ["/shop", "/shop;v=1/x", "/shop;v=1"],
])("the prefix %o of the target %o is %o [X6]", (prefix, url, expected) => {
  expect(mountPoint(mountPrefix(prefix), url)).toBe(expected);
});
