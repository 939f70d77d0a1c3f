// What a header may contain: names, values, and the names with a meaning for framing.
// Sources: RFC 9110 §5.1 (names), §5.5 (values), §7.6.1 (hop-by-hop), §6.5.1 (trailers); PEP 3333 "hop-by-hop"; RFC 9112 §6.

/** A name without meaning for the exchange. */
export const ORDINARY = 0;
/** Counted, and added when the whole body is known. */
export const CONTENT_LENGTH = 1;
/** `close` in it is honoured; the field itself belongs to the host. */
export const CONNECTION = 2;
/** Belongs to the host: never taken from an app. */
export const HOP_BY_HOP = 3;
/** Announces trailers: kept only where trailers will be sent. */
export const TRAILER = 4;
/** Not a token. */
export const INVALID = -1;

/** The most names remembered; a later one is checked afresh each time it comes. */
export const MAX_KNOWN_NAMES = 1024;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const MEANINGS: readonly (readonly [string, number])[] = [
  ["content-length", CONTENT_LENGTH],
  ["connection", CONNECTION],
  ["keep-alive", HOP_BY_HOP],
  ["proxy-connection", HOP_BY_HOP],
  ["te", HOP_BY_HOP],
  ["transfer-encoding", HOP_BY_HOP],
  ["upgrade", HOP_BY_HOP],
  ["trailer", TRAILER],
];

const meanings = new Map(MEANINGS);
const known = new Map<string, number>();

/** What a header name means for the exchange: one of the constants above; {@link INVALID} if it is not a token. */
export function meaningOf(name: string): number {
  return known.get(name) ?? learn(name);
}

function learn(name: string): number {
  if (!TOKEN.test(name)) return INVALID;
  const meaning = meanings.get(name.toLowerCase()) ?? ORDINARY;
  if (known.size < MAX_KNOWN_NAMES) known.set(name, meaning);
  return meaning;
}

/** Whether every code unit may stand in a header value: HTAB, SP, VCHAR and the octets above 0x7F; never CR, LF, NUL. */
export function isFieldValue(value: string): boolean {
  return highestOctet(value) !== INVALID;
}

/** The highest code unit of a header value, at least 0; {@link INVALID} if one may not stand in it. */
export function highestOctet(value: string): number {
  let highest = 0;
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code < 0x20 ? code !== 0x09 : code === 0x7f || code > 0xff) return INVALID;
    if (code > highest) highest = code;
  }
  return highest;
}

/** Whether every code unit is an octet: what "binary string" means. */
export function isBinaryString(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 0xff) return false;
  }
  return true;
}

/** Whether a name is a token (RFC 9110 §5.6.2). */
export function isToken(name: string): boolean {
  return meaningOf(name) !== INVALID;
}

/**
 * The hop-by-hop names PEP 3333 forbids an app to send; RFC 9110's and the two proxy ones of the older list.
 * In lower case.
 */
export const HOP_BY_HOP_NAMES: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
]);

/** Fields that frame, route, or authenticate: forbidden in trailers (RFC 9110 §6.5.1). In lower case. */
const NEVER_TRAILERS: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP_NAMES,
  "age",
  "authorization",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "expect",
  "expires",
  "host",
  "location",
  "max-forwards",
  "pragma",
  "range",
  "retry-after",
  "set-cookie",
  "vary",
  "warning",
  "www-authenticate",
]);

/** Whether a field may be sent after the body. */
export function isTrailerName(name: string): boolean {
  return isToken(name) && !NEVER_TRAILERS.has(name.toLowerCase());
}

/** Whether a comma-separated header value has this lower-case member, in any case. */
export function hasListMember(value: string, member: string): boolean {
  if (value === member) return true;
  return value.split(",").some((item) => item.split(";", 1)[0]?.trim().toLowerCase() === member);
}
