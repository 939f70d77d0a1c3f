// What is kept of bytes.

import { expect, test } from "vitest";
import { lastingPart, lasts } from "./lasting-bytes.ts";

test("a part is a copy, as long as its octets, wherever they were [S13 S27]", () => {
  const part = lastingPart(Buffer.from("abcdef"), 2, 4);
  expect([part.constructor, part.buffer.byteLength, Array.from(part)]).toEqual([Uint8Array, 2, [99, 100]]);
  const bytes = new Uint8Array(4);
  expect(lastingPart(bytes, 0, 4).buffer).not.toBe(bytes.buffer);
});

test("of bytes that last a part of a sixteenth or more is no copy, and a smaller one is [F70 S13]", () => {
  const bytes = Buffer.allocUnsafeSlow(1_600).fill("x");
  lasts(bytes);
  const part = lastingPart(bytes, 10, 110);
  expect([part.constructor, part.buffer, part.byteOffset, part.length]).toEqual([
    Uint8Array,
    bytes.buffer,
    10,
    100,
  ]);
  expect(lastingPart(bytes, 10, 109).buffer).not.toBe(bytes.buffer);
});
