// FastCGI name-value pairs, as binary strings: the octets of a PARAMS stream are one string, and its names and values parts of it.
// Source: FastCGI 1.0 §3.4 "Name-Value Pairs".

import { GatewayError } from "@tsgi/core";

/** The longest length that takes one byte. */
export const MAX_SHORT = 127;

/** The longest there is: 31 bits. */
const MAX_LENGTH = 2 ** 31 - 1;

const { fromCharCode } = String;

/**
 * A length, as a binary string of one or four octets.
 *
 * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS` for one that has no encoding.
 */
export function encodeLength(length: number): string {
  if (length <= MAX_SHORT) return fromCharCode(length);
  if (length > MAX_LENGTH) throw malformed(`${length} bytes are too long for a name or a value`);
  return fromCharCode((length >>> 24) | 0x80, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
}

/**
 * One pair, of two binary strings.
 *
 * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS` for one that is too long.
 */
export function encodePair(name: string, value: string): string {
  return encodeLength(name.length) + encodeLength(value.length) + name + value;
}

/**
 * The pairs of a whole stream, flat: `[name, value, name, value …]`. No length is believed before there are as many octets.
 *
 * @param octets - The joined contents of all records of the stream, as a binary string.
 * @param maxPairs - How many there may be.
 * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS` if a length runs past the end, or there is a NUL in a name or a value;
 * `TSGI_ERR_FASTCGI_TOO_MANY_PAIRS`.
 */
export function decodePairs(octets: string, maxPairs: number = Infinity): string[] {
  const pairs: string[] = [];
  const total = octets.length;
  // Where the next NUL is. Those in lengths are skipped; looked for anew only when it was passed, so that all is looked at once.
  let nul = octets.indexOf("\0");
  let at = 0;
  while (at < total) {
    let nameLength = octets.charCodeAt(at);
    if (nameLength > MAX_SHORT) {
      if (at + 4 > total) throw malformed("The name-value pairs end in a length");
      nameLength = longLength(octets, at);
      at += 3;
    }
    at += 1;
    if (at >= total) throw malformed("The name-value pairs end before a value's length");
    let valueLength = octets.charCodeAt(at);
    if (valueLength > MAX_SHORT) {
      if (at + 4 > total) throw malformed("The name-value pairs end in a length");
      valueLength = longLength(octets, at);
      at += 3;
    }
    at += 1;
    const middle = at + nameLength;
    const end = middle + valueLength;
    if (end > total) throw malformed("A name or a value is longer than what there is");
    if (pairs.length === 2 * maxPairs) {
      throw new GatewayError(
        "TSGI_ERR_FASTCGI_TOO_MANY_PAIRS",
        `There are more than ${maxPairs} name-value pairs`,
      );
    }
    if (nul !== -1 && nul < at) nul = octets.indexOf("\0", at);
    if (nul !== -1 && nul < end) throw malformed("There is a NUL in a name or a value");
    pairs.push(octets.slice(at, middle), octets.slice(middle, end));
    at = end;
  }
  return pairs;
}

/** The four octets of a length; the topmost bit says that there are four. */
export function longLength(octets: string, at: number): number {
  return (
    ((octets.charCodeAt(at) & 0x7f) << 24) |
    (octets.charCodeAt(at + 1) << 16) |
    (octets.charCodeAt(at + 2) << 8) |
    octets.charCodeAt(at + 3)
  );
}

function malformed(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_FASTCGI_PAIRS", message);
}
