// The head of a response, checked once, for every interface and every host.
// Sources: ASGI HTTP 2.5 "Response Start"; PEP 3333 "The start_response() Callable"; RFC 9110 §5, §7.6.1, §8.6; RFC 9112 §4, §6.

import { GatewayError } from "./errors.ts";
import type { ResponseHeaders } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import {
  CONNECTION,
  CONTENT_LENGTH,
  HOP_BY_HOP,
  INVALID,
  ORDINARY,
  TRAILER,
  hasListMember,
  highestOctet,
  isFieldValue,
  meaningOf,
} from "./headers.ts";
import { shown } from "./shown.ts";

/** A head that may be sent as it stands. */
export interface ResponseHead {
  /** 200 to 999. */
  readonly status: number;
  /** The app's reason phrase; `null` for the standard one. Only HTTP/1 and CGI have a place for it. */
  readonly reason: string | null;
  /** The fields, flat: `[name, value, name, value …]`, names in the app's case. No hop-by-hop field is among them. */
  readonly headers: string[];
  /** What Content-Length says, in bytes; -1 without one. */
  length: number;
  /** Whether every field is ASCII. One that is not is a binary string: it leaves as latin-1, never as UTF-8. */
  readonly ascii: boolean;
  /** Whether the app asked for the connection to be closed after the response. */
  readonly close: boolean;
  /** Whether no byte of body follows, whatever the app sends: HEAD, 204, 304. The exchange sets it when it accepts the head. */
  bodiless: boolean;
  /** Whether fields will follow the body (`writeTrailers`): it must then be framed so that they can. */
  trailers: boolean;
}

const DIGITS = /^\d{1,15}$/;

/**
 * Checks a head and makes it ready to send: hop-by-hop fields are taken out, equal Content-Length fields become one.
 *
 * @throws {@link GatewayError} `TSGI_ERR_STATUS`, `TSGI_ERR_HEADER`: nothing of the head may be sent.
 */
export function responseHead(
  status: number,
  headers: ResponseHeaders,
  reason: string | null,
  trailers: boolean,
): ResponseHead {
  if (!Number.isInteger(status) || status < 200 || status > 999) {
    throw new GatewayError(
      "TSGI_ERR_STATUS",
      `The status of a response is an integer from 200 to 999, not ${shown(status)}`,
    );
  }
  if (reason !== null && !(typeof reason === "string" && isFieldValue(reason))) {
    throw new GatewayError("TSGI_ERR_STATUS", "A reason phrase is text without control characters");
  }
  if (!isIterable(headers))
    throw new GatewayError("TSGI_ERR_HEADER", "Headers are an array of [name, value] pairs");
  const flat: string[] = [];
  let length = -1;
  let close = false;
  let ascii = reason === null || highestOctet(reason) <= 0x7f;
  for (const header of headers) {
    if (typeof header !== "object" || header === null) throw notPair(typeof header);
    const name = header[0];
    const value = header[1];
    const meaning = checkName(name, value);
    if (checkValue(name, value) > 0x7f) ascii = false;
    if (meaning === ORDINARY) {
      flat.push(name, value);
      continue;
    }
    if (meaning === CONTENT_LENGTH) {
      const first = length === -1;
      length = contentLength(value, length);
      // A 204 has no such field (RFC 9110 §8.6); a repeated one is sent once.
      if (first && status !== 204) flat.push(name, value);
    } else if (meaning === CONNECTION) {
      close ||= hasListMember(value, "close");
    } else if (meaning === TRAILER && trailers) {
      flat.push(name, value);
    }
  }
  return { status, reason, headers: flat, length, ascii, close, bodiless: false, trailers };
}

const TEXT = ["content-type", "text/plain; charset=utf-8"] as const;

/** The head of a short answer of ours. What follows a body that is too long is not read: its connection ends. */
export function answerHead(status: number): ResponseHead {
  return responseHead(status, status === 413 ? [TEXT, ["connection", "close"]] : [TEXT], null, false);
}

/** Whether this response can carry trailers: the client asked for them, and the framing has a place for them. */
export function framesTrailers(head: ResponseHead, exchange: HttpExchange): boolean {
  const { transport, httpVersion, headers } = exchange;
  if (transport.writeTrailers === undefined || head.bodiless || head.length !== -1 || httpVersion === "1.0")
    return false;
  return headers.some(([name, value]) => name === "te" && hasListMember(value, "trailers"));
}

/** Takes the announcement of trailers back. */
export function withoutTrailers(head: ResponseHead): void {
  head.trailers = false;
  for (let i = head.headers.length - 2; i >= 0; i -= 2) {
    if (meaningOf(head.headers[i] as string) === TRAILER) head.headers.splice(i, 2);
  }
}

/** Checks fields that come without a status (interim responses, trailers) and returns them flat. */
export function flatFields(headers: ResponseHeaders, accept: (name: string) => boolean): string[] {
  if (!isIterable(headers))
    throw new GatewayError("TSGI_ERR_HEADER", "Headers are an array of [name, value] pairs");
  const flat: string[] = [];
  for (const header of headers) {
    if (typeof header !== "object" || header === null) throw notPair(typeof header);
    const name = header[0];
    const value = header[1];
    const meaning = checkName(name, value);
    checkValue(name, value);
    if (!accept(name)) throw new GatewayError("TSGI_ERR_HEADER", `The field ${name} may not be sent here`);
    if (meaning !== HOP_BY_HOP && meaning !== CONNECTION) flat.push(name, value);
  }
  return flat;
}

function checkName(name: unknown, value: unknown): number {
  if (typeof name !== "string" || typeof value !== "string") {
    throw notPair(`[${typeof name}, ${typeof value}]`);
  }
  const meaning = meaningOf(name);
  if (meaning !== INVALID) return meaning;
  throw new GatewayError("TSGI_ERR_HEADER", `${JSON.stringify(name)} is not a header name (RFC 9110 §5.1)`);
}

/** The highest octet of a value that may be sent. */
function checkValue(name: string, value: string): number {
  const highest = highestOctet(value);
  if (highest !== INVALID) return highest;
  throw new GatewayError(
    "TSGI_ERR_HEADER",
    `The value of ${name} has a control character, or a character above 0xFF: ${JSON.stringify(value)}`,
  );
}

function notPair(what: string): GatewayError {
  return new GatewayError("TSGI_ERR_HEADER", `A header is a pair of strings [name, value], not ${what}`);
}

function contentLength(value: string, before: number): number {
  const length = DIGITS.test(value) ? Number(value) : -1;
  if (length === -1 || (before !== -1 && before !== length)) {
    throw new GatewayError(
      "TSGI_ERR_HEADER",
      `Content-Length is one number of bytes, not ${JSON.stringify(value)}`,
    );
  }
  return length;
}

function isIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
