// FastCGI records as they leave. Small ones are binary strings: several of them, joined, are one write to a socket ("latin1").
// Source: FastCGI 1.0 §3.3 "Records", §5.1 "FCGI_BEGIN_REQUEST", §5.5 "FCGI_END_REQUEST", §4.2 "FCGI_UNKNOWN_TYPE".

import {
  BEGIN_REQUEST,
  END_REQUEST,
  NULL_REQUEST_ID,
  PARAMS,
  STDOUT,
  UNKNOWN_TYPE,
  VERSION,
} from "./constants.ts";
import { encodePair } from "./pairs.ts";

/** What is written: octets, or a binary string. */
export type Octets = Uint8Array | string;

/**
 * The most content put into one record, in bytes: with its header a multiple of 8, and no longer than the one buffer of 64 KiB
 * many peers have.
 */
export const CONTENT_SIZE = 65_528;

const { fromCharCode } = String;

/**
 * What is no record: the last that leaves on a connection whose response was cut. nginx, without `fastcgi_keep_conn` or without its
 * buffers, takes a connection that only closes for the end of a whole response; of this it says that the upstream is broken, as
 * lighttpd and HAProxy do.
 */
export const NO_RECORD: string = "\0".repeat(8);

/** The header of a record, as a binary string. */
export function recordHeader(type: number, id: number, length: number, padding = 0): string {
  return fromCharCode(VERSION, type, id >> 8, id & 0xff, length >> 8, length & 0xff, padding, 0);
}

/** One record with up to {@link CONTENT_SIZE} bytes of content, which is a binary string. */
export function encodeRecord(type: number, id: number, content: string): string {
  return recordHeader(type, id, content.length) + content;
}

/** The record that begins a request. */
export function encodeBegin(id: number, role: number, flags: number): string {
  return recordHeader(BEGIN_REQUEST, id, 8) + fromCharCode(role >> 8, role & 0xff, flags, 0, 0, 0, 0, 0);
}

/** The record that ends one. */
export function encodeEnd(id: number, appStatus: number, protocolStatus: number): string {
  const status = fromCharCode(
    appStatus >>> 24,
    (appStatus >> 16) & 0xff,
    (appStatus >> 8) & 0xff,
    appStatus & 0xff,
  );
  return `${recordHeader(END_REQUEST, id, 8)}${status}${fromCharCode(protocolStatus, 0, 0, 0)}`;
}

/** The answer to a management record of a type we do not know. */
export function encodeUnknownType(type: number): string {
  return recordHeader(UNKNOWN_TYPE, NULL_REQUEST_ID, 8) + fromCharCode(type, 0, 0, 0, 0, 0, 0, 0);
}

/**
 * The end of a complete response: the STDOUT stream's empty record, and END_REQUEST with REQUEST_COMPLETE and status 0. One
 * string per id, kept for the ids hosts really use.
 */
export function encodeComplete(id: number): string {
  if (id >= completes.length) return recordHeader(STDOUT, id, 0) + encodeEnd(id, 0, 0);
  return (completes[id] ??= recordHeader(STDOUT, id, 0) + encodeEnd(id, 0, 0));
}

const completes: (string | undefined)[] = Array.from({ length: 256 });

/**
 * Content of any length as records of one stream, for a vectored write: headers as binary strings, and the content as it is. It
 * is not copied. Empty content gives nothing: it would end the stream.
 */
export function encodeStream(type: number, id: number, content: Octets): Octets[] {
  const pieces: Octets[] = [];
  const { length } = content;
  for (let at = 0; at < length; at += CONTENT_SIZE) {
    const end = Math.min(at + CONTENT_SIZE, length);
    const header = recordHeader(type, id, end - at);
    if (typeof content === "string") pieces.push(header + content.slice(at, end));
    else pieces.push(header, end - at === length ? content : content.subarray(at, end));
  }
  return pieces;
}

/**
 * The PARAMS stream of a request, its empty record included, as one binary string. No pair is cut: PHP resets the connection at one
 * that goes on in the next record.
 *
 * @param pairs - Binary strings, by name, in this order.
 * @returns `null` if there is a pair too long for a record.
 */
export function encodeParams(id: number, pairs: Readonly<Record<string, string>>): string | null {
  let records = "";
  let content = "";
  for (const name of Object.keys(pairs)) {
    const pair = encodePair(name, pairs[name] as string);
    if (pair.length > CONTENT_SIZE) return null;
    if (content.length + pair.length > CONTENT_SIZE) {
      records += encodeRecord(PARAMS, id, content);
      content = "";
    }
    content += pair;
  }
  if (content !== "") records += encodeRecord(PARAMS, id, content);
  return records + recordHeader(PARAMS, id, 0);
}
