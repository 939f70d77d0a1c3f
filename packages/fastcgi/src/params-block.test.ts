// A PARAMS stream in pieces.

import { latin1Decode, latin1Encode } from "@tsgi/core";
import { expect, test } from "vitest";
import { ParamsBlock } from "./params-block.ts";

const TEXT = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");

const textOf = ({ bytes, start, end }: ParamsBlock): string => latin1Decode(bytes.subarray(start, end));

test("a stream in one piece is not copied [F70]", () => {
  const block = new ParamsBlock();
  const bytes = latin1Encode(`<<${TEXT}>>`);
  block.add(bytes, 2, 258);
  expect([block.bytes === bytes, block.size, textOf(block)]).toEqual([true, 256, TEXT]);
});

test("its own are copies, and one that is its own already is left as it is [F25 S27]", () => {
  const block = new ParamsBlock();
  const bytes = latin1Encode(`<<${TEXT}>>`);
  block.add(bytes, 2, 258);
  block.own();
  const { bytes: copy } = block;
  bytes.fill(0);
  block.own();
  expect([textOf(block), block.bytes === copy]).toEqual([TEXT, true]);
  block.add(latin1Encode(TEXT), 0, 256);
  expect(textOf(block)).toBe(TEXT + TEXT);
});

test.each([1, 2, 3, 100, 255])("a stream in pieces of %i is the same [F25]", (step) => {
  const block = new ParamsBlock();
  const bytes = latin1Encode(TEXT);
  for (let at = 0; at < bytes.length; at += step) block.add(bytes, at, Math.min(at + step, bytes.length));
  expect([block.size, textOf(block)]).toEqual([256, TEXT]);
});

test("a stream in pieces takes no more than a few times its octets [S13]", () => {
  const block = new ParamsBlock();
  for (let i = 0; i < 100_000; i += 1) block.add(Uint8Array.of(7), 0, 1);
  expect([block.size, block.bytes.length < 300_000]).toEqual([100_000, true]);
});

test("a stream without octets is empty [F26]", () => {
  expect(textOf(new ParamsBlock())).toBe("");
});
