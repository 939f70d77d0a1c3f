// Streams that no web server would send, by the number of a seed: the same number gives the same streams.

/** Whole numbers by chance, but the same ones each time. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** From 0 up to, not including, `below`. (xorshift32) */
  below(below: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % below;
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** Octets that mean something in a record or a pair. */
const ODD = [0, 1, 2, 3, 4, 5, 8, 9, 11, 0x7f, 0x80, 0xff];

/** A stream: one of those that make sense, with something changed, or octets by chance. */
export function oddStream(chance: Chance, streams: readonly Uint8Array[]): Uint8Array {
  const kind = chance.below(8);
  if (kind === 0) return Uint8Array.from({ length: chance.below(64) }, () => chance.below(256));
  const stream = Uint8Array.from(chance.one(streams));
  // Half of the changes are in what comes first, where most of the headers are.
  const somewhere = (): number =>
    chance.below(chance.below(2) === 0 ? Math.min(64, stream.length) : stream.length);
  for (let changes = 1 + chance.below(4); changes > 0; changes -= 1) {
    stream[somewhere()] = chance.below(2) === 0 ? chance.one(ODD) : chance.below(256);
  }
  if (kind === 1) return stream.subarray(0, chance.below(stream.length));
  if (kind === 2) return stream.subarray(chance.below(stream.length));
  if (kind === 3) stream.copyWithin(somewhere(), somewhere(), stream.length);
  return stream;
}

/** Cuts octets into pieces: one, a few, or single octets. */
export function cut(chance: Chance, octets: Uint8Array): Uint8Array[] {
  const most = chance.one([octets.length + 1, octets.length + 1, 100, 9, 1]);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < octets.length;) {
    const end = at + 1 + chance.below(most);
    pieces.push(octets.subarray(at, end));
    at = end;
  }
  return pieces;
}
