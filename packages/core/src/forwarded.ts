// What proxies say of a request: the syntax of X-Forwarded-For and Forwarded, read from the right.
// Source: RFC 7239 §4 (Forwarded), §6 (node names). From the right, because that end was written by whoever is nearest:
// an open quote that a client sent must not swallow what a proxy appended to it.

import { parseIp, type Ip } from "./cidr.ts";

/** Somebody on the way: an address, with port 0 where it is not told; a unix socket; `null` for what names nobody. */
export type Hop = { readonly ip: Ip; readonly port: number } | "unix" | null;

/** An element of Forwarded; a parameter it lacks is `null`. */
export interface ForwardedElement {
  readonly for: string | null;
  readonly by: string | null;
  readonly host: string | null;
  readonly proto: string | null;
}

/** The longest node name that is looked at: an address, and an obfuscated port of some length. */
const LONGEST_NODE = 128;
const ADDRESS = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/;
const PORT = /^(?:\d{1,5}|_[A-Za-z0-9._-]+)$/;
const BLANK = 1;
const TOKEN = 2;
const VALUE = 4;
/** What an octet may be part of. Unquoted addresses with a port or brackets are against the grammar, and common. */
const KINDS = Uint8Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (char === " " || char === "\t") return BLANK;
  if (/[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(char)) return TOKEN | VALUE;
  return /[:[\]]/.test(char) ? VALUE : 0;
});
// oxlint-disable-next-line no-control-regex
const QUOTED = /^(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*$/;
const NOTHING: ForwardedElement = { for: null, by: null, host: null, proto: null };

/** Reads a node name: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`, `unix:`; nobody for `unknown` and `_hidden`. */
export function parseHop(text: string): Hop {
  const bare = parseIp(text);
  if (bare !== null) return { ip: bare, port: 0 };
  // What nginx writes for a peer on a unix socket.
  if (text.startsWith("unix:")) return "unix";
  const match = text.length > LONGEST_NODE ? null : ADDRESS.exec(text);
  if (match === null) return null;
  const [, bracketed, plain, port] = match;
  if (bracketed?.includes(":") === false) return null;
  const ip = parseIp(bracketed ?? plain ?? "");
  if (ip === null || (port !== undefined && !PORT.test(port))) return null;
  // An obfuscated port is a port that is not told (RFC 7239 §6.3).
  const number = port === undefined || port.startsWith("_") ? 0 : Number(port);
  return number > 65_535 ? null : { ip, port: number };
}

/** An item of a list header, and where it begins, after its comma. */
interface Read<T> {
  readonly item: T;
  readonly start: number;
}

/** The items of a comma-separated header, from the right, over all its lines. */
export class FromRight<T> {
  readonly #lines: readonly string[];
  readonly #read: (line: string, end: number) => Read<T> | null;
  readonly #unreadable: T;
  #line: number;
  #end: number;

  /** @param unreadable - Given, as the last item, in place of what cannot be read. */
  constructor(lines: readonly string[], read: (line: string, end: number) => Read<T> | null, unreadable: T) {
    this.#lines = lines;
    this.#read = read;
    this.#unreadable = unreadable;
    this.#line = lines.length - 1;
    this.#end = lines.at(-1)?.length ?? 0;
  }

  /** Whether every item was given. */
  get ended(): boolean {
    return this.#line < 0;
  }

  /** The next item to the left; after the last, `null`. */
  next(): T | null {
    const line = this.#lines[this.#line];
    if (line === undefined) return null;
    const read = this.#read(line, this.#end);
    if (read === null) {
      this.#line = -1;
      return this.#unreadable;
    }
    if (read.start > 0) {
      this.#end = read.start - 1;
    } else {
      this.#line -= 1;
      this.#end = this.#lines[this.#line]?.length ?? 0;
    }
    return read.item;
  }
}

/** The members of X-Forwarded-For: without quoting; a member may be empty. */
export function membersFromRight(lines: readonly string[]): FromRight<string> {
  return new FromRight(lines, readMember, "");
}

/** The elements of Forwarded. One that cannot be read has no parameters, and ends the list: its comma cannot be found. */
export function elementsFromRight(lines: readonly string[]): FromRight<ForwardedElement> {
  return new FromRight(lines, readElement, NOTHING);
}

/** A text without outer blanks. */
export function trimBlanks(text: string): string {
  let start = 0;
  while (text[start] === " " || text[start] === "\t") start += 1;
  return text.slice(start, Math.max(start, skipBlanks(text, text.length)));
}

function readMember(line: string, end: number): Read<string> {
  const start = end === 0 ? 0 : line.lastIndexOf(",", end - 1) + 1;
  return { item: trimBlanks(line.slice(start, end)), start };
}

function readElement(text: string, end: number): Read<ForwardedElement> | null {
  const element = { ...NOTHING };
  let at = skipBlanks(text, end);
  for (;;) {
    if (at > 0 && text[at - 1] !== ";" && text[at - 1] !== ",") {
      const pair = readPair(text, at);
      if (pair === null) return null;
      if (pair.name === "for" || pair.name === "by" || pair.name === "host" || pair.name === "proto") {
        // Twice in one element is not allowed (RFC 7239 §4), and nobody could say which to believe.
        if (element[pair.name] !== null) return null;
        element[pair.name] = pair.value;
      }
      at = skipBlanks(text, pair.start);
    }
    if (at === 0 || text[at - 1] === ",") return { item: element, start: at };
    if (text[at - 1] !== ";") return null;
    at = skipBlanks(text, at - 1);
  }
}

/** Reads the `name=value` that ends at `end`. */
function readPair(text: string, end: number): { name: string; value: string; start: number } | null {
  let value: string;
  let at: number;
  if (text[end - 1] === '"') {
    // A quote within is escaped, so it follows a backslash: the one that follows "=" is the opening one.
    at = text.lastIndexOf('="', end - 3) + 1;
    const quoted = text.slice(at + 1, end - 1);
    if (at === 0 || !QUOTED.test(quoted)) return null;
    value = quoted.replace(/\\(.)/g, "$1");
  } else {
    at = skip(text, end, VALUE);
    value = text.slice(at, end);
  }
  if (text[at - 1] !== "=" || at === end) return null;
  const start = skip(text, at - 1, TOKEN);
  if (start === at - 1) return null;
  return { name: text.slice(start, at - 1).toLowerCase(), value, start };
}

function skipBlanks(text: string, end: number): number {
  return skip(text, end, BLANK);
}

/** Where the run of octets of a kind begins that ends at `end`. */
function skip(text: string, end: number, kind: number): number {
  let at = end;
  while (at > 0 && ((KINDS[text.charCodeAt(at - 1)] ?? 0) & kind) !== 0) at -= 1;
  return at;
}
