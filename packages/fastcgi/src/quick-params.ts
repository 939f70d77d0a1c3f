// Parameters as nearly all requests have them, read for their scope alone: what is no part of it is passed over. Whatever is unusual, or
// wrong, is left to readParams of request-scope.ts: it says what counts, and here nothing may come out otherwise.
// Sources: FastCGI 1.0 §3.4; RFC 3875 §4.1.

import { isToken, type Header, type RequestVariables } from "@tsgi/core";
import {
  CONTENT_LENGTH,
  CONTENT_TYPE,
  HEADER,
  HTTPS,
  OTHER,
  PATH_INFO,
  QUERY_STRING,
  REMOTE_ADDR,
  REMOTE_PORT,
  REQUEST_METHOD,
  REQUEST_SCHEME,
  REQUEST_URI,
  SCRIPT_NAME,
  SERVER_NAME,
  SERVER_PORT,
  SERVER_PROTOCOL,
  START,
  knownName,
  type KnownName,
} from "./known-names.ts";
import { MAX_SHORT, longLength } from "./pairs.ts";

/** What a scope needs of the parameters. */
export class QuickParams implements RequestVariables {
  REQUEST_METHOD = "";
  REQUEST_URI = "";
  SCRIPT_NAME = "";
  PATH_INFO = "";
  QUERY_STRING = "";
  SERVER_PROTOCOL = "";
  SERVER_NAME = "";
  SERVER_PORT = "";
  REMOTE_ADDR = "";
  REMOTE_PORT = "";
  REQUEST_SCHEME = "";
  HTTPS = "";
  CONTENT_LENGTH = "";
  readonly headers: Header[] = [];
  readonly #octets: string;
  /** What no scope has, and where its values begin and end. */
  readonly #beyond: KnownName[] = [];
  readonly #places: number[] = [];

  /** @param octets - What the parameters are read from. */
  constructor(octets: string) {
    this.#octets = octets;
  }

  /** What a sync app gets of the parameters, beyond the scope: flat (`[name, value, …]`). */
  beyondScope(): string[] {
    const octets = this.#octets;
    const places = this.#places;
    const pairs: string[] = [];
    let place = 0;
    for (const { name } of this.#beyond) {
      pairs.push(name, octets.slice(places[place], places[place + 1]));
      place += 2;
    }
    return pairs;
  }

  /** Leaves a parameter to whoever asks for it. */
  leave(name: KnownName, start: number, end: number): void {
    this.#beyond.push(name);
    this.#places.push(start, end);
  }

  /** @returns `false` for what is not quickly understood. */
  take({ purpose, header }: KnownName, value: string): boolean {
    switch (purpose) {
      case HEADER:
        this.headers.push([header, value]);
        return true;
      case CONTENT_TYPE:
        if (value !== "") this.headers.push([header, value]);
        return true;
      case CONTENT_LENGTH:
        if (value === "") return true;
        this.CONTENT_LENGTH = value;
        this.headers.push([header, value]);
        return isNumber(value);
      case REQUEST_METHOD:
        this.REQUEST_METHOD = value;
        return isToken(value);
      case REQUEST_URI:
        this.REQUEST_URI = value;
        return true;
      case SCRIPT_NAME:
        this.SCRIPT_NAME = value;
        return true;
      case PATH_INFO:
        this.PATH_INFO = value;
        return true;
      case QUERY_STRING:
        this.QUERY_STRING = value;
        return true;
      case SERVER_PROTOCOL:
        this.SERVER_PROTOCOL = value;
        return value === "HTTP/1.1" || PROTOCOLS.has(value);
      case SERVER_NAME:
        this.SERVER_NAME = value;
        return true;
      case SERVER_PORT:
        this.SERVER_PORT = value;
        return true;
      case REMOTE_ADDR:
        this.REMOTE_ADDR = value;
        return true;
      case REMOTE_PORT:
        this.REMOTE_PORT = value;
        return true;
      case REQUEST_SCHEME:
        this.REQUEST_SCHEME = value;
        return true;
      case HTTPS:
        this.HTTPS = value;
        return true;
      default:
        return false;
    }
  }
}

const PROTOCOLS: ReadonlySet<string> = new Set(["HTTP/1.0", "HTTP/2.0", "HTTP/3.0"]);

/** The number of the block being read. */
let block = 0;

/**
 * Reads a whole PARAMS stream. Names are compared as bytes: that takes a third of what it takes to compare parts of strings.
 *
 * @param bytes - Where the stream is, from `from` on.
 * @param octets - The stream as a binary string: values are parts of it.
 * @param maxParams - How many parameters there may be.
 * @returns `null` if that is not quickly done: there is a name twice, or something is wrong.
 */
export function readQuickly(
  bytes: Buffer,
  from: number,
  octets: string,
  maxParams: number,
): QuickParams | null {
  const params = new QuickParams(octets);
  const total = octets.length;
  block = (block + 1) | 0;
  let before = START;
  let nul = octets.indexOf("\0");
  let left = maxParams;
  let at = 0;
  while (at < total) {
    // Past the end of the bytes there is nothing, which no comparison lets through.
    const nameLength = bytes[from + at] as number;
    let valueLength = bytes[from + at + 1] as number;
    let start = at + 2;
    if (valueLength > MAX_SHORT) {
      valueLength = longLength(octets, at + 1);
      start = at + 5;
    }
    const middle = start + nameLength;
    const end = middle + valueLength;
    if (!(nameLength <= MAX_SHORT && end <= total) || left === 0) return null;
    left -= 1;
    if (nul !== -1 && nul < start) nul = octets.indexOf("\0", start);
    if (nul !== -1 && nul < end) return null;
    let name = before.next;
    if (name === null || name.bytes.length !== nameLength || !isAt(name.bytes, bytes, from + start)) {
      name = knownName(octets.slice(start, middle));
      if (name === null) return null;
      before.next = name;
    }
    if (name.block === block) return null;
    name.block = block;
    before = name;
    if (name.purpose !== OTHER && !params.take(name, octets.slice(middle, end))) return null;
    if (name.beyond && valueLength > 0) params.leave(name, middle, end);
    at = end;
  }
  return params.REQUEST_METHOD === "" || params.SERVER_PROTOCOL === "" ? null : params;
}

function isAt(name: Buffer, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < name.length; i += 1) if (bytes[start + i] !== name[i]) return false;
  return true;
}

function isNumber(digits: string): boolean {
  for (let i = 0; i < digits.length; i += 1) {
    const code = digits.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}
