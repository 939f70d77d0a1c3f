// What the lines of a head mean: status, fields, and where a Location leads. The same for CGI programs and FastCGI upstreams.
// Sources: RFC 3875 §6.2, §6.3, §5.2; Go net/http/cgi host.go; nginx ngx_http_fastcgi_module; requirements CH13 to CH20, CH32, FC17.

import { GatewayError, HOP_BY_HOP_NAMES, isFieldValue, isToken } from "@tsgi/core";

/** A head that a program has written, read and cleaned. */
export interface ScriptHead {
  /** 200 to 999; in the form `"http"` also 100 to 199: another head follows then. */
  readonly status: number;
  /** The program's reason phrase; `null` for the standard one. */
  readonly reason: string | null;
  /** The fields that go to the client, in order, names as they were written. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** What Content-Length says, in bytes; -1 without one. */
  readonly length: number;
  /** The path (and query) of a local redirect, which is not for the client; `null` if it is a response. */
  readonly localRedirect: string | null;
}

/** What a head may look like. */
export interface HeadRules {
  /** `"http"`: the first line is `HTTP/1.1 200 OK` (an NPH script). */
  readonly form: "cgi" | "http";
  /** Whether a head without Status, Location and Content-Type is an error, as RFC 3875 §6.3.1 has it. */
  readonly requireContentType: boolean;
}

// Blanks after the colon and at the end are no part of the value. No backtracking: what is between them begins and ends with neither.
const FIELD = /^([^:]*):[ \t]*(.*)$/s;
const STATUS = /^(\d{3})(?:[ \t]+(.*))?$/s;
const STATUS_LINE = /^HTTP\/1\.\d (\d{3})(?: (.*))?$/s;
const DIGITS = /^\d{1,15}$/;

/** Words of servers to each other, which a program may not say to the client's server (S21), and CGI's own. */
const NOT_FOR_CLIENTS = /^(?:x-accel-|x-cgi-|x-(?:lighttpd-send-file|reproxy-url|sendfile2?)$)/;

/**
 * Reads a head.
 *
 * @throws {@link GatewayError} `TSGI_ERR_SCRIPT_HEAD` for a line that is no field, a status that is none, or a head that says nothing.
 */
export function scriptHead(lines: readonly string[], rules: HeadRules): ScriptHead {
  let status = 0;
  let reason: string | null = null;
  let from = 0;
  if (rules.form === "http") {
    [status, reason] = statusOf(STATUS_LINE, lines[0] ?? "", 100);
    from = 1;
  }
  const fields: (readonly [string, string])[] = [];
  const ending = new Set(HOP_BY_HOP_NAMES);
  let length = -1;
  let location: string | null = null;
  let typed = false;
  let others = false;
  for (let i = from; i < lines.length; i += 1) {
    const [name, value] = fieldOf(lines[i] as string);
    const key = name.toLowerCase();
    switch (key) {
      case "status":
        if (rules.form === "cgi") [status, reason] = statusOf(STATUS, value, 200);
        continue;
      case "content-length":
        length = lengthOf(value, length);
        break;
      case "content-type":
        typed = true;
        break;
      case "location":
        location = value;
        break;
      case "connection":
        for (const member of value.split(",")) ending.add(member.trim().toLowerCase());
        continue;
      case "transfer-encoding":
        // Its body would have to be decoded: as it stands it would reach the client with the framing in it.
        if (rules.form === "http") throw wrong("An NPH script may not send Transfer-Encoding");
        continue;
      default:
        if (NOT_FOR_CLIENTS.test(key)) continue;
        others = true;
    }
    fields.push([name, value]);
  }
  const kept = fields.filter(([name]) => !ending.has(name.toLowerCase()));
  if (status === 0) {
    if (location === null && !typed && rules.requireContentType) {
      throw wrong("The head has neither Content-Type nor Status nor Location");
    }
    status = location === null || location === "" ? 200 : 302;
    // What else it sets, a cookie say, would be lost on the way to the other resource: then the client goes there itself.
    if (location !== null && !others && isLocal(location)) {
      return { status, reason, fields: kept, length, localRedirect: location };
    }
  }
  return { status, reason, fields: kept, length, localRedirect: null };
}

/** RFC 3875 §6.2.2: an absolute path. What begins with two slashes has a host. */
function isLocal(location: string): boolean {
  return location.startsWith("/") && !location.startsWith("//");
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const [, name, text] = FIELD.exec(line) ?? [];
  // A line that begins with a blank would go on with the line before: obsolete, and no token either.
  if (name === undefined || !isToken(name)) throw wrong(`A line is no header field: ${shownLine(line)}`);
  const value = withoutBlanksAtEnd(text as string);
  if (!isFieldValue(value)) throw wrong(`The value of ${name} has a control character: ${shownLine(value)}`);
  return [name, value];
}

function withoutBlanksAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === " " || text[end - 1] === "\t")) end -= 1;
  return text.slice(0, end);
}

function statusOf(form: RegExp, text: string, least: number): [status: number, reason: string | null] {
  const [, digits, reason = ""] = form.exec(text) ?? [];
  const status = Number(digits);
  if (!(status >= least)) throw wrong(`The status of the response is none: ${shownLine(text)}`);
  return [status, reason !== "" && isFieldValue(reason) ? reason : null];
}

function lengthOf(value: string, before: number): number {
  const length = DIGITS.test(value) ? Number(value) : -1;
  if (length !== -1 && (before === -1 || before === length)) return length;
  throw wrong(`Content-Length is not one number of bytes: ${shownLine(value)}`);
}

/** A line as an error message has it. */
function shownLine(line: string): string {
  return JSON.stringify(line.length > 100 ? `${line.slice(0, 100)}…` : line);
}

function wrong(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_SCRIPT_HEAD", message);
}
