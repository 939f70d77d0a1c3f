// The parameters of one request as two columns: names, which are mostly those of the request before, and values.
// Sources: FastCGI 1.0 §3.4, §5.2; RFC 3875 §4.1.18; requirements F23 to F31, F70.

import { isToken } from "@tsgi/core";
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

/** Reads the parameters of the requests of one connection. A web server sends the same names again and again, and many of the values. */
export class ParamsReader {
  #names: ParamNames = namesOf([]);
  #values: readonly string[] = [];

  /**
   * Reads a PARAMS stream.
   *
   * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS`, `TSGI_ERR_FASTCGI_TOO_MANY_PAIRS`
   */
  read(octets: string, maxPairs: number): ParamsTable {
    const values = this.#readLike(octets) ?? this.#learn(decodePairs(octets, maxPairs));
    if (values.length > maxPairs) decodePairs(octets, maxPairs);
    this.#values = values;
    return { names: this.#names, values };
  }

  /** The values, if the names are those of the request before; `null` if not, or if anything is odd. */
  #readLike(octets: string): string[] | null {
    const { names } = this.#names;
    const before = this.#values;
    const total = octets.length;
    const count = names.length;
    const values: string[] = [];
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      const name = names[i] as string;
      if (at + 1 >= total || octets.charCodeAt(at) !== name.length) return null;
      let length = octets.charCodeAt(at + 1);
      at += 2;
      if (length > MAX_SHORT) {
        if (at + 3 > total) return null;
        length = ((length & 0x7f) << 24) | (octets.charCodeAt(at) << 16);
        length |= (octets.charCodeAt(at + 1) << 8) | octets.charCodeAt(at + 2);
        at += 3;
      }
      const middle = at + name.length;
      const end = middle + length;
      if (end > total || !octets.startsWith(name, at)) return null;
      const last = before[i] as string;
      if (last.length === length && octets.startsWith(last, middle)) values.push(last);
      else {
        const value = octets.slice(middle, end);
        if (value.includes("\0")) return null;
        values.push(value);
      }
      at = end;
    }
    return at === total ? values : null;
  }

  #learn(pairs: readonly string[]): string[] {
    const names = pairs.filter((_, i) => i % 2 === 0);
    this.#names = namesOf(names);
    return pairs.filter((_, i) => i % 2 === 1);
  }
}

function namesOf(names: readonly string[]): ParamNames {
  const slots = Object.fromEntries(SLOTS.map((slot) => [slot, names.indexOf(slot)])) as Record<Slot, number>;
  return { names, headers: names.map(headerOf), slots, repeated: new Set(names).size < names.length };
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
