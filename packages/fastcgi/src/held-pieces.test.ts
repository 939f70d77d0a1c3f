// Octets that wait to be taken.

import { expect, test } from "vitest";
import { HeldPieces } from "./held-pieces.ts";

const octets = (from: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => from + i);

function takeAll(held: HeldPieces): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let piece = held.take(); piece !== null; piece = held.take()) pieces.push(piece);
  return pieces;
}

test("octets come out in the order they went in, whatever their pieces were [F34]", () => {
  const held = new HeldPieces();
  const sent: number[] = [];
  for (const [i, size] of [1, 3, 5_000, 0, 2, 4_095, 4_096, 4_097, 20_000, 1].entries()) {
    const piece = octets(i, size + 2);
    held.add(piece, 1, size + 1);
    sent.push(...piece.subarray(1, size + 1));
  }
  expect(held.size).toBe(sent.length);
  expect(Buffer.concat(takeAll(held)).equals(Buffer.from(Uint8Array.from(sent)))).toBe(true);
  expect(held.size).toBe(0);
});

test("what it was given may be overwritten at once [S27 F70]", () => {
  const held = new HeldPieces();
  const bytes = octets(0, 6_000);
  for (const [start, end] of [
    [0, 100],
    [100, 200],
    [200, 6_000],
  ] as const) {
    held.add(bytes, start, end);
  }
  bytes.fill(0xff);
  expect(Buffer.concat(takeAll(held)).equals(octets(0, 6_000))).toBe(true);
});

test("a hundred thousand single octets take no more than a few blocks [S13]", () => {
  const held = new HeldPieces();
  const one = Uint8Array.of(7);
  for (let i = 0; i < 100_000; i += 1) held.add(one, 0, 1);
  const pieces = takeAll(held);
  expect(pieces.length).toBeLessThan(40);
  expect(pieces.reduce((sum, piece) => sum + piece.buffer.byteLength, 0)).toBeLessThan(3 * 100_000);
});

test("each piece has memory of its own, and no more than its octets [S27 S13]", () => {
  const held = new HeldPieces();
  const sizes = [10, 20, 5_000, 30, 40, 16_000, 400];
  for (const size of sizes) held.add(octets(0, size), 0, size);
  const pieces = [held.take() as Uint8Array];
  held.add(octets(0, 50), 0, 50);
  pieces.push(...takeAll(held));
  expect(new Set(pieces.map(({ buffer }) => buffer)).size).toBe(pieces.length);
  for (const { length, buffer } of pieces) expect(buffer.byteLength).toBe(length);
  expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(sizes.reduce((a, b) => a + b) + 50);
});

test("a piece that was taken is not written to again [S27]", () => {
  const held = new HeldPieces();
  held.add(octets(0, 100), 0, 100);
  held.add(octets(1, 10), 0, 10);
  const taken = takeAll(held).map((piece) => [piece, Array.from(piece)] as const);
  held.add(octets(50, 60), 0, 60);
  expect(takeAll(held).map((piece) => Array.from(piece))).toEqual([Array.from(octets(50, 60))]);
  for (const [piece, before] of taken) expect(Array.from(piece)).toEqual(before);
});

test("what is cleared is gone, and what comes later is not [F13]", () => {
  const held = new HeldPieces();
  held.add(octets(0, 10), 0, 10);
  held.add(octets(0, 5_000), 0, 5_000);
  held.clear();
  expect([held.size, held.take()]).toEqual([0, null]);
  held.add(octets(3, 2), 0, 2);
  expect(takeAll(held).map((piece) => Array.from(piece))).toEqual([[3, 4]]);
});
