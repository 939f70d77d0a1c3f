// The head of an HTTP/1.1 response as text, taken apart: what goes on to the client, and how the end of the body is told.
// Source: RFC 9112 §4 (status line), §5 (fields), §6.3 (body length), §9.3 (persistence); RFC 9110 §7.6.1 (hop-by-hop fields).

import { GatewayError } from "@tsgi/core";

/** Not at all (HEAD, 204, 304), by Content-Length, by the chunked coding, or by the end of the connection. */
export type Framing = "none" | "length" | "chunked" | "close";

/** A header as it was written: name in the writer's case, value as a binary string without outer blanks. */
export type WrittenField = [name: string, value: string];

/** The head of a response, as it was written. */
export interface WrittenHead {
  readonly status: number;
  /** The reason phrase; may be empty. */
  readonly reason: string;
  /** The fields for the client: without what is between Node's response and its socket, but for the wish to close. */
  readonly headers: WrittenField[];
  readonly framing: Framing;
  /** Bytes of the body, if its framing is `length`. */
  readonly length: number;
  /** Whether a Trailer field announces fields after the body. */
  readonly announcesTrailers: boolean;
}

/**
 * Reads a head, up to and including its empty line.
 *
 * @throws {@link GatewayError} `TSGI_ERR_GUEST_RESPONSE` if this is no head of an HTTP/1 response.
 */
export function parseHead(text: string, method: string): WrittenHead {
  const status = statusOf(text);
  const lineEnd = text.indexOf("\r\n");
  const headers: WrittenField[] = [];
  let framing: Framing = "close";
  let length = -1;
  let announcesTrailers = false;
  for (let start = lineEnd + 2; ;) {
    const end = text.indexOf("\r\n", start);
    if (end <= start) break;
    const field = parseField(text, start, end);
    start = end + 2;
    const name = field[0];
    switch (name.length) {
      case 7:
        announcesTrailers ||= name.toLowerCase() === "trailer";
        break;
      case 10: {
        const lower = name.toLowerCase();
        if (lower === "keep-alive" || (lower === "connection" && !CLOSE.test(field[1]))) continue;
        break;
      }
      case 14:
        if (name.toLowerCase() === "content-length") length = lengthOf(field[1]);
        break;
      case 17:
        if (name.toLowerCase() !== "transfer-encoding") break;
        if (CHUNKED.test(field[1])) framing = "chunked";
        continue;
    }
    headers.push(field);
  }
  const reason = text.charCodeAt(12) === 0x20 ? text.slice(13, lineEnd) : "";
  if (framing === "chunked" && length !== -1) dropLength(headers);
  if (method === "HEAD" || status === 204 || status === 304) framing = "none";
  else if (framing === "close" && length !== -1) framing = "length";
  return { status, reason, headers, framing, length, announcesTrailers };
}

/** Reads fields up to an empty line, or the end of the text. */
export function parseFields(text: string): WrittenField[] {
  const fields: WrittenField[] = [];
  for (let start = 0; ;) {
    const end = text.indexOf("\r\n", start);
    if (end <= start) return fields;
    fields.push(parseField(text, start, end));
    start = end + 2;
  }
}

/** What is thrown for bytes that are no response. */
export function notHttp(what: string): GatewayError {
  return new GatewayError(
    "TSGI_ERR_GUEST_RESPONSE",
    `The listener wrote what is no HTTP response that can be passed on: ${what}`,
  );
}

const CLOSE = /\bclose\b/i;
const CHUNKED = /(?:^|[\s,])chunked\s*$/i;
const STATUS_LINE = /^HTTP\/1\.[01] \d{3}(?: .*)?\r\n/;

function statusOf(text: string): number {
  if (!STATUS_LINE.test(text)) throw notHttp("no status line");
  return Number(text.slice(9, 12));
}

function parseField(text: string, start: number, end: number): WrittenField {
  const colon = text.indexOf(":", start);
  if (colon === -1 || colon > end) throw notHttp("a header line without a colon");
  // Not `trim()`, which takes the octet 0xA0 for a blank.
  let from = colon + 1;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return [text.slice(start, colon), text.slice(from, to)];
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function lengthOf(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw notHttp("a Content-Length that is no number");
  return Number(value);
}

/** RFC 9112 §6.3: a coding overrides a length. */
function dropLength(headers: WrittenField[]): void {
  for (let i = headers.length - 1; i >= 0; i -= 1) {
    if (headers[i]?.[0].toLowerCase() === "content-length") headers.splice(i, 1);
  }
}
