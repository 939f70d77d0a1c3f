// The names of parameters a web server has sent before, and what each is for: most come again with every request, in the same order.
// Sources: RFC 3875 §4.1; requirements F29, X33, S3.

import { headerOfVariable, isBeyondScope } from "@tsgi/core";

/** What a parameter is for. The first is of no use to a scope. */
export const OTHER = 0;
export const HEADER = 1;
export const REQUEST_METHOD = 2;
export const REQUEST_URI = 3;
export const SCRIPT_NAME = 4;
export const PATH_INFO = 5;
export const QUERY_STRING = 6;
export const SERVER_PROTOCOL = 7;
export const SERVER_NAME = 8;
export const SERVER_PORT = 9;
export const REMOTE_ADDR = 10;
export const REMOTE_PORT = 11;
export const REQUEST_SCHEME = 12;
export const HTTPS = 13;
export const CONTENT_LENGTH = 14;
export const CONTENT_TYPE = 15;
/** What is seldom there, and changes what others mean. */
export const SPECIAL = 16;

const PURPOSES: ReadonlyMap<string, number> = new Map([
  ["REQUEST_METHOD", REQUEST_METHOD],
  ["REQUEST_URI", REQUEST_URI],
  ["SCRIPT_NAME", SCRIPT_NAME],
  ["PATH_INFO", PATH_INFO],
  ["QUERY_STRING", QUERY_STRING],
  ["SERVER_PROTOCOL", SERVER_PROTOCOL],
  ["SERVER_NAME", SERVER_NAME],
  ["SERVER_PORT", SERVER_PORT],
  ["REMOTE_ADDR", REMOTE_ADDR],
  ["REMOTE_PORT", REMOTE_PORT],
  ["REQUEST_SCHEME", REQUEST_SCHEME],
  ["HTTPS", HTTPS],
  ["CONTENT_LENGTH", CONTENT_LENGTH],
  ["CONTENT_TYPE", CONTENT_TYPE],
  ["HTTP_TRANSFER_ENCODING", SPECIAL],
  ["Authorization", SPECIAL],
  ["REDIRECT_HTTP_AUTHORIZATION", SPECIAL],
]);

/** A name, and what is known of it. */
export interface KnownName {
  readonly name: string;
  /** The same, as octets. */
  readonly bytes: Buffer;
  /** One of the constants above. */
  readonly purpose: number;
  /** The header it holds, or `""`. */
  readonly header: string;
  /** Whether a sync app gets it though no scope has it. */
  readonly beyond: boolean;
  /** The name that came after it the last time: a guess. */
  next: KnownName | null;
  /** The last block of parameters it was in. */
  block: number;
}

/** The most names remembered: with more, all are forgotten. */
const MAX_NAMES = 1024;

const names = new Map<string, KnownName>();

/** What stands before the first name of a block. */
export const START: KnownName = newName("");

/** What is known of a name; `null` if there is no place for it: all names are forgotten then, those of the block at hand too. */
export function knownName(name: string): KnownName | null {
  return names.get(name) ?? learn(name);
}

function learn(text: string): KnownName | null {
  if (names.size === MAX_NAMES) {
    names.clear();
    START.next = null;
    return null;
  }
  // A part of a string keeps all of it in memory: a key of an object is a string of its own.
  const name = Object.keys({ [text]: 0 })[0] as string;
  const known = newName(name);
  names.set(name, known);
  return known;
}

function newName(name: string): KnownName {
  const isVariable = name !== "" && name !== "HTTP_PROXY" && !name.includes(".");
  const header = isVariable ? headerOfVariable(name) : "";
  const purpose = PURPOSES.get(name) ?? (header === "" ? OTHER : HEADER);
  const beyond = isVariable && name !== "FCGI_ROLE" && isBeyondScope(name);
  return { name, bytes: Buffer.from(name, "latin1"), purpose, header, beyond, next: null, block: 0 };
}
