// Bytes collected in memory.

import { expect, test } from "vitest";
import { HeldBytes } from "./held-bytes.ts";

function collect(pieces: readonly number[][], expected: number): Uint8Array {
  const held = new HeldBytes(expected);
  for (const piece of pieces) held.add(Uint8Array.from(piece));
  return held.take();
}

test.each([-1, 0, 6, 100])("pieces come out in order, when %i bytes were expected [W24]", (expected) => {
  expect([...collect([[1, 2], [], [3], [4, 5, 6]], expected)]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...collect([], expected)]).toEqual([]);
});

test("a single piece is not copied [W24]", () => {
  const piece = Uint8Array.from([1, 2, 3]);
  const held = new HeldBytes(3);
  held.add(piece);
  expect(held.take().buffer).toBe(piece.buffer);
});

test("pieces that come later are not written into the first one [S27]", () => {
  const whole = Uint8Array.from([1, 2, 3, 9, 9, 9]);
  const held = new HeldBytes(-1);
  held.add(whole.subarray(0, 3));
  held.add(Uint8Array.from([4]));
  held.add(Uint8Array.from([5]));
  expect([...held.take()]).toEqual([1, 2, 3, 4, 5]);
  expect([...whole]).toEqual([1, 2, 3, 9, 9, 9]);
});

test("what was taken is not written to by what comes later [S27]", () => {
  const held = new HeldBytes(-1);
  for (const byte of [1, 2, 3]) held.add(Uint8Array.from([byte]));
  const first = held.take();
  held.add(Uint8Array.from([7]));
  held.add(Uint8Array.from([8]));
  expect([...first]).toEqual([1, 2, 3]);
  expect([...held.take()]).toEqual([7, 8]);
});

test("many one-byte pieces take no more than twice their bytes, and the expected number no more than that [W24]", () => {
  const many = Array.from({ length: 10_000 }, () => [7]);
  expect(collect(many, -1).buffer.byteLength).toBeLessThanOrEqual(20_000);
  expect(collect(many, 10_000).buffer.byteLength).toBe(10_000);
});

test("a Buffer comes out as a plain Uint8Array [W21]", () => {
  const held = new HeldBytes(-1);
  held.add(Buffer.from("abc"));
  expect(held.take().constructor).toBe(Uint8Array);
});
