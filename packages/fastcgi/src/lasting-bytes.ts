// What may be kept of what was read: of bytes that nobody reads into again a part is kept as it is, of all others a copy.
// Source: docs/decisions/009.

/**
 * A part is kept as it is if what it keeps from being freed is no more than so many times as large: 4 KiB of 64. nginx makes records of 8 KiB
 * of a body it does not hold back, which one read after the other cuts in two.
 */
const WORTH_KEEPING_OF = 16;

const lasting = new WeakSet<Uint8Array>();

/** Says that nobody will read into these bytes again. */
export function lasts(bytes: Uint8Array): void {
  lasting.add(bytes);
}

/** `bytes[start]` up to, not including, `bytes[end]`, which stays what it is. */
export function lastingPart(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  if (size * WORTH_KEEPING_OF >= bytes.buffer.byteLength && lasting.has(bytes)) {
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, size);
  }
  return new Uint8Array(bytes.subarray(start, end));
}
