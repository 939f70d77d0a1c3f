// The parameters of one request as two columns: names, which are mostly those of the request before, and values.
// Sources: FastCGI 1.0 §3.4, §5.2; RFC 3875 §4.1.18; requirements F23 to F31, F70.

import { addMetaVariable, metaVariables } from "@tsgi/cgi";
import { isToken } from "@tsgi/core";
import { bufferOf, latin1Of } from "./latin1.ts";
import { decodePairs } from "./pairs.ts";

/** Parameters that say something of a request's scope. */
export const SLOTS = [
  "REQUEST_METHOD",
  "REQUEST_URI",
  "SCRIPT_NAME",
  "PATH_INFO",
  "QUERY_STRING",
  "SERVER_PROTOCOL",
  "HTTPS",
  "REQUEST_SCHEME",
  "REMOTE_ADDR",
  "REMOTE_PORT",
  "SERVER_NAME",
  "SERVER_PORT",
  "CONTENT_LENGTH",
  // What is not ordinary.
  "HTTP_TRANSFER_ENCODING",
  "Authorization",
  "REDIRECT_HTTP_AUTHORIZATION",
] as const;

/** One of them. */
export type Slot = (typeof SLOTS)[number];

/** The names of a request's parameters, and where among them is what. Made once for many requests. */
export interface ParamNames {
  readonly names: readonly string[];
  /** The header each of them is; `""` for one that is none. */
  readonly headers: readonly string[];
  /** Whether each of them is a meta-variable: see `addMetaVariable`. */
  readonly kept: readonly boolean[];
  /** Where the slots are; -1 for one that is not there. */
  readonly slots: Readonly<Record<Slot, number>>;
  /** Whether one of them is there twice. */
  readonly repeated: boolean;
}

/** The parameters of one request. */
export interface ParamsTable {
  readonly names: ParamNames;
  readonly values: readonly string[];
}

/** The most header names whose form is remembered, and the longest. */
const MAX_KNOWN_NAMES = 1024;
const MAX_KNOWN_LENGTH = 64;
const known = new Map<string, string>();

/** The longest length that takes one octet. */
const MAX_SHORT = 127;

/** A piece of memory is kept for the sake of the parameters in it if it is no more than so many times as large. */
const WORTH_KEEPING = 4;

/**
 * Reads the parameters of the requests of one connection. A web server sends the same names again and again, and most of the values:
 * what is octet by octet as it was is not decoded again.
 */
export class ParamsReader {
  #names: ParamNames = NO_NAMES;
  #values: readonly string[] = [];
  /** The octets of the request before, and how many of them each of its pairs has. */
  #bytes: Buffer = EMPTY;
  #start = 0;
  #end = 0;
  #sizes: number[] = [];

  /**
   * Reads a PARAMS stream: `bytes[start]` up to, not including, `bytes[end]`.
   *
   * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS`, `TSGI_ERR_FASTCGI_TOO_MANY_PAIRS`
   */
  read(octets: Uint8Array, start: number, end: number, maxPairs: number): ParamsTable {
    // Always a Buffer: what compares two pieces of memory is several times as fast if they are of one kind.
    const bytes = bufferOf(octets);
    if (!this.#readLike(bytes, start, end)) this.#learn(bytes, start, end, maxPairs);
    const alone = bytes.length <= WORTH_KEEPING * (end - start);
    this.#bytes = alone ? bytes : Buffer.from(bytes.subarray(start, end));
    this.#start = alone ? start : 0;
    this.#end = alone ? end : end - start;
    return { names: this.#names, values: this.#values };
  }

  /** Reads the values, if the names are those of the request before; if not, or if anything is odd, nothing holds any more. */
  #readLike(bytes: Buffer, start: number, end: number): boolean {
    const before = this.#bytes;
    const last = this.#end;
    const sizes = this.#sizes;
    const { names } = this.#names;
    let values: string[] | null = null;
    let pair = 0;
    /** Where we are in both, and where the pair begins in the one before. */
    let at = start;
    let from = this.#start;
    let pairFrom = from;
    for (;;) {
      const same = sameOctets(bytes, at, before, from, Math.min(end - at, last - from));
      at += same;
      from += same;
      if (at === end && from === last) break;
      for (; pair < sizes.length && pairFrom + (sizes[pair] as number) <= from; pair += 1) {
        pairFrom += sizes[pair] as number;
      }
      const name = names[pair];
      if (name === undefined) return false;
      // Back to where the pair begins that differs.
      at -= from - pairFrom;
      let valueLength = bytes[at + 1] as number;
      let nameBegin = at + 2;
      if (valueLength > MAX_SHORT) {
        valueLength = longLength(bytes, at + 1);
        nameBegin = at + 5;
      }
      const begin = nameBegin + name.length;
      const stop = begin + valueLength;
      if (!(stop <= end) || bytes[at] !== name.length || !isAt(name, bytes, nameBegin)) return false;
      const value = latin1Of(bytes, begin, stop);
      if (value.includes("\0")) return false;
      values ??= this.#values.slice();
      values[pair] = value;
      pairFrom += sizes[pair] as number;
      from = pairFrom;
      sizes[pair] = stop - at;
      at = stop;
      pair += 1;
    }
    if (values !== null) this.#values = values;
    return true;
  }

  #learn(bytes: Buffer, start: number, end: number, maxPairs: number): void {
    // Should it throw, the next one is read afresh as well.
    this.#bytes = EMPTY;
    this.#names = NO_NAMES;
    this.#sizes = [];
    this.#start = this.#end = 0;
    const pairs = decodePairs(latin1Of(bytes, start, end), maxPairs);
    this.#names = namesOf(pairs.filter((_, i) => i % 2 === 0));
    this.#values = pairs.filter((_, i) => i % 2 === 1);
    const sizes: number[] = [];
    for (let at = start; at < end;) {
      const lengths = at + lengthSize(bytes[at]);
      const size = lengths + lengthSize(bytes[lengths]) - at;
      const pair = 2 * sizes.length;
      sizes.push(size + (pairs[pair] as string).length + (pairs[pair + 1] as string).length);
      at += sizes.at(-1) as number;
    }
    this.#sizes = sizes;
  }
}

/** How many octets, of so many, are the same from here on. Apart, and with whole numbers alone: nothing else is done as often. */
function sameOctets(one: Buffer, at: number, other: Buffer, from: number, most: number): number {
  let count = 0;
  while (count < most && one[at + count] === other[from + count]) count += 1;
  return count;
}

function isAt(name: string, bytes: Uint8Array, begin: number): boolean {
  for (let i = 0; i < name.length; i += 1) if (bytes[begin + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** Four octets that are a length; `NaN` where there are less. */
function longLength(bytes: Uint8Array, at: number): number {
  const [one, two, three, four] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  if (one === undefined || two === undefined || three === undefined || four === undefined) return Number.NaN;
  return ((one & 0x7f) << 24) | (two << 16) | (three << 8) | four;
}

/** How many octets a length has that begins with this one. */
function lengthSize(octet: number | undefined): number {
  return octet !== undefined && octet > MAX_SHORT ? 4 : 1;
}

function namesOf(names: readonly string[]): ParamNames {
  const slots = Object.fromEntries(SLOTS.map((slot) => [slot, names.indexOf(slot)])) as Record<Slot, number>;
  const repeated = new Set(names).size < names.length;
  return { names, headers: names.map(headerOf), kept: names.map(isKept), slots, repeated };
}

function isKept(name: string): boolean {
  const meta = metaVariables();
  addMetaVariable(meta, name, "");
  return meta[name] !== undefined;
}

function headerOf(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  const header = headerName(name);
  if (known.size < MAX_KNOWN_NAMES && name.length <= MAX_KNOWN_LENGTH) known.set(name, header);
  return header;
}

const NO_HEADERS = new Set(["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_PROXY"]);

/** As core's `scopeFromEnviron` names it. */
function headerName(name: string): string {
  if (name === "CONTENT_TYPE") return "content-type";
  if (name === "CONTENT_LENGTH") return "content-length";
  if (!name.startsWith("HTTP_") || name.includes(".") || NO_HEADERS.has(name)) return "";
  const header = name.slice(5).toLowerCase().replaceAll("_", "-");
  return header !== "" && isToken(header) ? header : "";
}

const EMPTY = Buffer.alloc(0);
const NO_NAMES: ParamNames = namesOf([]);
