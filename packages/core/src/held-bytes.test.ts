// Bytes collected in memory.

import { expect, test } from "vitest";
import { HeldBytes, joined } from "./held-bytes.ts";

/** The parts that come out when pieces of such lengths go in, each filled with its own number. */
function parts(lengths: readonly number[], expected: number): Uint8Array[] {
  const held = new HeldBytes(expected);
  lengths.forEach((length, index) => held.add(new Uint8Array(length).fill(index % 251)));
  return held.take();
}

/** All that these parts keep in memory, in bytes. */
function kept(from: readonly Uint8Array[]): number {
  return [...new Set(from.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

const MIXTURES: readonly number[][] = [
  [],
  [0],
  [3],
  [2, 0, 1, 3],
  [1, 4095, 1],
  [1, 4096, 1],
  [4096, 4096],
  [1, 5000, 2, 5000, 3],
  [5000, 4095, 4095, 4095, 5000],
  Array.from({ length: 300 }, (_, i) => (i * 977) % 6000),
];

test.each(MIXTURES)("pieces come out in order, whatever was expected [W24]", (...lengths) => {
  const whole = lengths.flatMap((length, index) => Array<number>(length).fill(index % 251));
  for (const expected of [-1, 0, whole.length, 10 * whole.length + 1]) {
    const out = parts(lengths, expected);
    expect(out.every((part) => part.length > 0)).toBe(true);
    expect([...joined(out, whole.length)]).toEqual(whole);
  }
});

test("a single piece, and every long one, is not copied [W24]", () => {
  const [first, short, long] = [new Uint8Array(3), new Uint8Array(5), new Uint8Array(4096)];
  const held = new HeldBytes(-1);
  for (const piece of [first, short, long]) held.add(piece);
  const buffers = held.take().map(({ buffer }) => buffer);
  expect([buffers[0], buffers[2]]).toEqual([first.buffer, long.buffer]);
  expect(buffers[0]).toBe(first.buffer);
  expect(buffers[1]).not.toBe(short.buffer);
  expect(buffers[2]).toBe(long.buffer);
});

test("a plain array is kept itself, and of a Buffer an array over its bytes [W24 W25]", () => {
  const [plain, buffer] = [new Uint8Array(5000), Buffer.allocUnsafeSlow(5000)];
  const held = new HeldBytes(-1);
  held.add(plain);
  held.add(buffer);
  const [first, second] = held.take();
  expect(first).toBe(plain);
  expect([second?.constructor, second?.buffer]).toEqual([Uint8Array, buffer.buffer]);
});

test("pieces that come later are not written into the first one [S27]", () => {
  const whole = Uint8Array.from([1, 2, 3, 9, 9, 9]);
  const held = new HeldBytes(-1);
  held.add(whole.subarray(0, 3));
  held.add(Uint8Array.from([4]));
  held.add(Uint8Array.from([5]));
  expect([...joined(held.take(), 5)]).toEqual([1, 2, 3, 4, 5]);
  expect([...whole]).toEqual([1, 2, 3, 9, 9, 9]);
});

test("what was taken is not written to by what comes later [S27]", () => {
  const held = new HeldBytes(-1);
  for (const byte of [1, 2, 3]) held.add(Uint8Array.from([byte]));
  const first = held.take();
  for (const byte of [7, 8, 9]) held.add(Uint8Array.from([byte]));
  expect([...joined(first, 3)]).toEqual([1, 2, 3]);
  expect([...joined(held.take(), 3)]).toEqual([7, 8, 9]);
});

test("many one-byte pieces take little more than their bytes, and the expected number no more than that [W24 S8]", () => {
  const many = Array<number>(100_000).fill(1);
  expect(kept(parts(many, -1))).toBeLessThan(100_000 + 65_536);
  expect(parts(many, -1).length).toBeLessThan(10);
  expect(kept(parts(many, 100_000))).toBe(100_000);
});

test("short pieces between long ones do not cost a block each [W24 S8]", () => {
  const mixture = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 4096 : 1));
  expect(kept(parts(mixture, -1))).toBeLessThan(100 * 4096 + 2 * 65_536);
});

test("a Buffer comes out as a plain Uint8Array [W21]", () => {
  const held = new HeldBytes(-1);
  for (const piece of ["abc", "def", "x".repeat(5000)]) held.add(Buffer.from(piece));
  expect(held.take().map((part) => part.constructor)).toEqual([Uint8Array, Uint8Array, Uint8Array]);
});
