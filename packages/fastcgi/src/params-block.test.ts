// A PARAMS stream in pieces.

import { latin1Encode } from "@tsgi/core";
import { expect, test } from "vitest";
import { ParamsBlock } from "./params-block.ts";

const TEXT = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");

test("a stream in one piece is read without a copy, all octets as they are [F24 F70]", () => {
  const block = new ParamsBlock();
  block.add(latin1Encode(`<<${TEXT}>>`), 2, 258);
  expect(block.size).toBe(256);
  expect(block.take()).toBe(TEXT);
});

test.each([1, 2, 3, 100, 255])("a stream in pieces of %i is the same [F25]", (step) => {
  const block = new ParamsBlock();
  const bytes = latin1Encode(TEXT);
  for (let at = 0; at < bytes.length; at += step) block.add(bytes, at, Math.min(at + step, bytes.length));
  expect(block.take()).toBe(TEXT);
});

test("a stream without octets is empty, and so is one that was taken [F26]", () => {
  const block = new ParamsBlock();
  expect(block.take()).toBe("");
  block.add(latin1Encode("abc"), 0, 3);
  block.take();
  expect([block.size, block.take()]).toEqual([0, ""]);
});
