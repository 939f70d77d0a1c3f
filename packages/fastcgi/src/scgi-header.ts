// The header of an SCGI request: a netstring of names and values, with a NUL behind each.
// Source: SCGI, https://python.ca/scgi/protocol.txt; netstrings, https://cr.yp.to/proto/netstrings.txt

import { addMetaVariable, metaVariables, type MetaVariables } from "@tsgi/cgi";
import { GatewayError } from "@tsgi/core";

const COLON = 0x3a;
const COMMA = 0x2c;
const ZERO = 0x30;

/**
 * Finds the netstring at the beginning of `bytes`, of which no byte is looked at beyond the longest there may be.
 *
 * @returns Where its content begins, and how long it is; `null` if there is more to come.
 * @throws {@link GatewayError} `TSGI_ERR_SCGI_HEADER`: answer 400; `TSGI_ERR_SCGI_TOO_LARGE`, as soon as the length says so: 431.
 */
export function netstringOf(bytes: Uint8Array, maxSize: number): [start: number, size: number] | null {
  let size = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at] as number;
    if (octet === COLON && at > 0) {
      const start = at + 1;
      if (bytes.length <= start + size) return null;
      if (bytes[start + size] === COMMA) return [start, size];
      throw malformed("no comma follows it");
    }
    const digit = octet - ZERO;
    // No netstring has a length that begins with 0 but the empty one, and CONTENT_LENGTH is always there.
    if (digit < 0 || digit > 9 || (at === 0 && digit === 0))
      throw malformed("it does not begin with a length");
    size = size * 10 + digit;
    if (size > maxSize) throw tooLarge(`more than ${maxSize} bytes`);
  }
  return null;
}

/**
 * The variables of a header. CONTENT_LENGTH, which tells where the request ends, is the first, and counts only there.
 *
 * @param octets - The content of the netstring, as a binary string.
 * @param most - How many variables there may be.
 * @throws {@link GatewayError} `TSGI_ERR_SCGI_HEADER`: answer 400; `TSGI_ERR_SCGI_TOO_LARGE`: 431.
 */
export function scgiVariables(octets: string, most: number): MetaVariables {
  const parts = octets.split("\0");
  if (parts.pop() !== "" || parts.length % 2 === 1) throw malformed("its last value has no end");
  if (parts.length / 2 > most) throw tooLarge(`more than ${most} variables`);
  if (parts[0] !== "CONTENT_LENGTH") throw malformed("CONTENT_LENGTH is not the first");
  const meta = metaVariables();
  for (let i = 0; i < parts.length; i += 2) {
    const name = parts[i] as string;
    if (name === "") throw malformed("it has a variable without a name");
    if (name !== "CONTENT_LENGTH" || i === 0) addMetaVariable(meta, name, parts[i + 1] as string);
  }
  if (meta["SCGI"] !== "1") throw malformed("SCGI is not 1");
  return meta;
}

function malformed(how: string): GatewayError {
  return new GatewayError("TSGI_ERR_SCGI_HEADER", `This is no header of SCGI: ${how}`);
}

function tooLarge(how: string): GatewayError {
  return new GatewayError("TSGI_ERR_SCGI_TOO_LARGE", `The header of an SCGI request has ${how}`);
}
