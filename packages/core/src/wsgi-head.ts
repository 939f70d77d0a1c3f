// What an app gives to startResponse, checked and turned into a response head.
// Source: PEP 3333 "The start_response() Callable", "HTTP Features" (hop-by-hop); RFC 9112 §4 (reason phrase).

import { GatewayError } from "./errors.ts";
import { HOP_BY_HOP_NAMES, MAX_KNOWN_NAMES } from "./headers.ts";
import type { WsgiHeader } from "./pep3333.ts";
import { responseHead, type ResponseHead } from "./response-head.ts";
import { reasonOf } from "./status.ts";

/** A status line in its two parts. */
interface StatusLine {
  readonly code: number;
  /** `null` for the standard one. */
  readonly reason: string | null;
}

/** Where it is said that a header was left out. */
export interface WarningSink {
  log(level: "warn", message: string): void;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const STATUS = /^(\d{3}) ([^\x00-\x1f\x7f]*)$/;

/** The most status lines remembered. */
const MAX_KNOWN_STATUSES = 256;
const statuses = new Map<string, StatusLine>();

const ORDINARY = 0;
const HOP_BY_HOP = 1;
const STATUS_FIELD = 2;
const meanings = new Map<string, number>();

/**
 * The headers an app gave as an array: the very one, if it is one.
 *
 * @throws {@link GatewayError} `TSGI_ERR_HEADER` for what cannot be iterated.
 */
export function headerList(headers: Iterable<WsgiHeader>): readonly WsgiHeader[] {
  if (Array.isArray(headers)) return headers as readonly WsgiHeader[];
  if (typeof headers === "object" && headers !== null && Symbol.iterator in headers) return [...headers];
  throw new GatewayError("TSGI_ERR_HEADER", "The headers of a response are an array of [name, value] pairs");
}

/**
 * Checks a status and headers. Hop-by-hop headers are left out with a warning (the lint throws instead).
 *
 * @throws {@link GatewayError} `TSGI_ERR_STATUS`, `TSGI_ERR_HEADER`: nothing of it may be sent.
 */
export function wsgiHead(
  status: string | number,
  headers: readonly WsgiHeader[],
  warnings: WarningSink,
): ResponseHead {
  if (typeof status !== "string") return responseHead(status, endToEnd(headers, warnings), null, false);
  const { code, reason } = statuses.get(status) ?? parseStatus(status);
  return responseHead(code, endToEnd(headers, warnings), reason, false);
}

function parseStatus(status: string): StatusLine {
  const parts = STATUS.exec(status);
  if (parts === null) {
    throw new GatewayError(
      "TSGI_ERR_STATUS",
      `A status is three digits, a space and a reason, as in "200 OK", not ${JSON.stringify(status)}`,
    );
  }
  const code = Number(parts[1]);
  const reason = parts[2] as string;
  const line: StatusLine = { code, reason: reason === reasonOf(code) ? null : reason };
  if (statuses.size < MAX_KNOWN_STATUSES) statuses.set(status, line);
  return line;
}

/** The headers without the hop-by-hop ones; the very array where it has none. */
function endToEnd(headers: readonly WsgiHeader[], warnings: WarningSink): readonly WsgiHeader[] {
  for (let i = 0; i < headers.length; i += 1) {
    if (meaningOf(headers[i]?.[0]) !== ORDINARY) return filtered(headers, warnings);
  }
  return headers;
}

function filtered(headers: readonly WsgiHeader[], warnings: WarningSink): readonly WsgiHeader[] {
  const kept: WsgiHeader[] = [];
  const dropped: string[] = [];
  for (const header of headers) {
    const meaning = meaningOf(header?.[0]);
    if (meaning === STATUS_FIELD) {
      throw new GatewayError("TSGI_ERR_HEADER", "The status is startResponse's first argument, not a header");
    }
    if (meaning === HOP_BY_HOP) dropped.push(header[0]);
    else kept.push(header);
  }
  if (dropped.length > 0) {
    warnings.log("warn", `Hop-by-hop headers of an app are left out (PEP 3333): ${dropped.join(", ")}`);
  }
  return kept;
}

function meaningOf(name: unknown): number {
  // What is no string is refused with the rest of the checks.
  if (typeof name !== "string") return ORDINARY;
  return meanings.get(name) ?? learn(name);
}

function learn(name: string): number {
  const lower = name.toLowerCase();
  const meaning = lower === "status" ? STATUS_FIELD : HOP_BY_HOP_NAMES.has(lower) ? HOP_BY_HOP : ORDINARY;
  if (meanings.size < MAX_KNOWN_NAMES) meanings.set(name, meaning);
  return meaning;
}
