// What a request must be before an app sees it. Pure: no sockets. Node's parser has already refused what is not HTTP.
// Sources: RFC 9112 §2.3 (version), §3.2 (target, Host), §6.1 (Transfer-Encoding), §6.3; RFC 9110 §9.3.6, §15.5; RFC 3986 §3.2.2.

import { GatewayError, type OptionNames } from "@tsgi/core";

/** How much of a request is let through. */
export interface RequestLimits {
  /** The longest request target, in bytes; a longer one is answered 414. Default: 8_192 (8 KiB). */
  readonly maxUrlLength?: number;
  /** The most header lines; more are answered 431. Default: 200. */
  readonly maxHeadersCount?: number;
  /**
   * The largest head of a request, in bytes, its first line included; a larger one is answered 431. A bare listener leaves
   * that to its server on HTTP/1. Default: 16_384 (16 KiB).
   */
  readonly maxHeaderSize?: number;
  /**
   * The hosts that are served here, without port, in any case; a request for another is answered 421.
   * Default: `null`, which is any.
   */
  readonly serverNames?: readonly string[] | null;
}

/** The names of {@link RequestLimits}. */
export const REQUEST_LIMITS: OptionNames<RequestLimits> = {
  maxUrlLength: true,
  maxHeadersCount: true,
  maxHeaderSize: true,
  serverNames: true,
};

/** The same, complete. */
export interface RequestRules {
  readonly maxUrlLength: number;
  readonly maxHeadersCount: number;
  readonly maxHeaderSize: number;
  readonly maxBodySize: number;
  readonly serverNames: ReadonlySet<string> | null;
}

/** What the checks look at: a request of `node:http` has all of it. */
export interface RequestLine {
  readonly httpVersion: string;
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/**
 * Checks limits and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for a limit that is not a positive number.
 */
export function requestRules(limits: RequestLimits, maxBodySize: number): RequestRules {
  const { maxUrlLength = 8 * 1024, maxHeadersCount = 200, serverNames = null } = limits;
  const { maxHeaderSize = 16 * 1024 } = limits;
  for (const [name, value] of [
    ["maxUrlLength", maxUrlLength],
    ["maxHeadersCount", maxHeadersCount],
    ["maxHeaderSize", maxHeaderSize],
  ] as const) {
    if (!(value === Infinity || (Number.isSafeInteger(value) && value > 0))) {
      throw new GatewayError("TSGI_ERR_OPTION", `${name} is a positive number, not ${String(value)}`);
    }
  }
  if (serverNames !== null && !Array.isArray(serverNames)) {
    throw new GatewayError("TSGI_ERR_OPTION", `serverNames is a list of names, not ${typeof serverNames}`);
  }
  return {
    maxUrlLength,
    maxHeadersCount,
    maxHeaderSize,
    maxBodySize,
    serverNames: serverNames === null ? null : new Set(serverNames.map((name) => name.toLowerCase())),
  };
}

/** The status an HTTP/1 request is refused with, or 0 if the app may have it. A refused connection must be closed. */
export function refusalOf(request: RequestLine, rules: RequestRules): number {
  const { httpVersion, rawHeaders } = request;
  // "PRI * HTTP/2.0" aside, Node's parser takes 0.9 and 2.0 for requests of HTTP/1.
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return 505;
  const target = refusalOfTarget(request.method ?? "", request.url ?? "", rules.maxUrlLength);
  if (target !== 0) return target;
  if (rawHeaders.length > 2 * rules.maxHeadersCount) return 431;
  let hosts = 0;
  let codings = 0;
  let types = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    // By length first: this runs for every header of every request.
    if (name.length === 4) {
      if (name !== "Host" && name !== "host" && name.toLowerCase() !== "host") continue;
      hosts += 1;
      const refusal = hosts > 1 ? 400 : refusalOfHost(rawHeaders[i + 1] as string, rules.serverNames);
      if (refusal !== 0) return refusal;
    } else if (name.length === 12 && name.toLowerCase() === "content-type") {
      types += 1;
      if (types > 1) return 400;
    } else if (name.length === 14 && name.toLowerCase() === "content-length") {
      if (Number(rawHeaders[i + 1]) > rules.maxBodySize) return 413;
    } else if (name.length === 17 && name.toLowerCase() === "transfer-encoding") {
      codings += 1;
      // HTTP/1.0 has no codings: what such a request frames is anybody's guess.
      if (codings > 1 || httpVersion === "1.0") return 400;
      if ((rawHeaders[i + 1] as string).toLowerCase() !== "chunked") return 501;
    }
  }
  if (hosts === 0 && httpVersion === "1.1") return 400;
  return hosts === 0 && rules.serverNames !== null ? 421 : 0;
}

/** The status a target is refused with, or 0: 414 for length, 501 for CONNECT, 400 for a form its method does not have. */
export function refusalOfTarget(method: string, target: string, maxLength: number): number {
  if (target.length > maxLength) return 414;
  if (method === "CONNECT") return 501;
  if (target.charCodeAt(0) === 0x2f) return 0;
  if (target === "*") return method === "OPTIONS" ? 0 : 400;
  return ABSOLUTE.test(target) ? 0 : 400;
}

const ABSOLUTE = /^https?:\/\/[^/?#]/i;

/** The status a Host value is refused with, or 0. */
export function refusalOfHost(host: string, serverNames: ReadonlySet<string> | null): number {
  if (!isHost(host)) return 400;
  if (serverNames === null) return 0;
  return serverNames.has(host.replace(/:\d*$/, "").toLowerCase()) ? 0 : 421;
}

// What may stand in a reg-name or an IPv4 address, `%` included: a table, because this is asked of every request.
const HOST_CHARS: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9\-._~!$&'()*+,;=%]/.test(String.fromCharCode(code)),
);
const IP_LITERAL = /^\[(?:[0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\](?::\d*)?$/;

/** Whether a Host value is one host and, if need be, a port. The empty one is: it says that the target has no authority. */
export function isHost(value: string): boolean {
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code < 128 && HOST_CHARS[code] === true) continue;
    return code === 0x3a ? i > 0 && isPort(value, i + 1) : code === 0x5b && i === 0 && IP_LITERAL.test(value);
  }
  return true;
}

function isPort(value: string, from: number): boolean {
  for (let i = from; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return value.length - from <= 5;
}
