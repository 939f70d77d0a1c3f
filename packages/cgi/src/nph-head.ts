// The head of a response that the web server does not parse: a whole HTTP response, its body ended by the end of the output.
// Source: RFC 3875 §5; RFC 9112 §6.3, §9.6.

import { reasonOf, type ResponseHead } from "@tsgi/core";
import { encodeFields } from "./encode-head.ts";

/** Whether a program's name says that its output is not parsed. */
export function isNph({ SCRIPT_FILENAME = "", SCRIPT_NAME = "" }: Readonly<Record<string, string>>): boolean {
  // The file first: without a split rule SCRIPT_NAME is whatever path the client asks for.
  const path = SCRIPT_FILENAME === "" ? SCRIPT_NAME : SCRIPT_FILENAME;
  return path.startsWith("nph-", Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Writes a head as a binary string. */
export function encodeNphHead(head: ResponseHead, httpVersion: string): string {
  const { status, headers } = head;
  const version = httpVersion === "1.0" ? "1.0" : "1.1";
  const dated = headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === "date");
  const date = dated ? "" : `date: ${new Date().toUTCString()}\r\n`;
  const line = `HTTP/${version} ${status} ${head.reason ?? reasonOf(status)}`;
  return `${line}\r\n${encodeFields(head)}${date}connection: close\r\n\r\n`;
}
