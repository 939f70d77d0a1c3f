// A scope as an http.IncomingMessage: what Node's parser would have made of the same request.
// Sources: lib/_http_common.js (parserOnHeadersComplete); RFC 9112 §6.3 (whether there is a body).
/* oxlint-disable no-underscore-dangle -- Node's own names */

import type { IncomingMessage } from "node:http";
import type { HttpScopeInit } from "@tsgi/core";
import { guestUrl } from "./guest-url.ts";
import type { NodeRequest } from "./node-internals.ts";

/** How much is known of the body before any of it is read. */
export type BodyForecast = "none" | "some" | "unknown";

/** What the head of a request says. */
export interface RequestHead {
  /** The header lines, flat, in the client's case where that is known. */
  readonly rawHeaders: string[];
  readonly body: BodyForecast;
  readonly expectsContinue: boolean;
  /** Whether the connection may serve another request: what Node tells its response. */
  readonly keepAlive: boolean;
}

/** Methods whose requests have a body only if they say so; for others without a length, the first event tells. */
const BODILESS = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/** Reads a scope's headers. */
export function requestHead(scope: HttpScopeInit): RequestHead {
  const { headers } = scope;
  let length = "";
  let coded = false;
  let expectsContinue = false;
  let connection = "";
  for (let i = 0; i < headers.length; i += 1) {
    const [name, value] = headers[i] as [string, string];
    if (name === "content-length") length = value;
    else if (name === "transfer-encoding") coded = true;
    else if (name === "connection") connection += `,${value}`;
    else if (name === "expect") expectsContinue = /(?:^|\W)100-continue(?:$|\W)/i.test(value);
  }
  const raw = scope.rawHeaders;
  const known = raw !== null && sameHeaders(raw, headers);
  const rawHeaders = known ? (raw as string[]).slice() : headers.flat();
  const keepAlive =
    scope.http_version === "1.0" ? /\bkeep-alive\b/i.test(connection) : !/\bclose\b/i.test(connection);
  return { rawHeaders, body: forecast(scope, length, coded, known), expectsContinue, keepAlive };
}

function forecast(scope: HttpScopeInit, length: string, coded: boolean, asSent: boolean): BodyForecast {
  if (coded || (length !== "" && !/^0+$/.test(length))) return "some";
  if (length !== "") return asSent ? "none" : "some";
  // An HTTP/1 request without either has no body; HTTP/2 and FastCGI need neither.
  if (asSent && scope.http_version.startsWith("1")) return "none";
  return BODILESS.has(scope.method) ? "some" : "unknown";
}

/** Whether header lines are still those a scope's headers were made from: a middleware may have changed `headers` alone. */
export function sameHeaders(raw: readonly string[], headers: HttpScopeInit["headers"]): boolean {
  if (raw.length !== headers.length * 2) return false;
  for (let i = 0; i < headers.length; i += 1) {
    const [name, value] = headers[i] as [string, string];
    if (raw[2 * i + 1] !== value) return false;
    const rawName = raw[2 * i] as string;
    if (rawName !== name && rawName.toLowerCase() !== name) return false;
  }
  return true;
}

/** Fills a request that was just made, as Node's parser does before it calls the listener. */
export function fillRequest(request: IncomingMessage, scope: HttpScopeInit, head: RequestHead): void {
  // A listener for HTTP/1 gets HTTP/1: ServerResponse takes its framing from these, Koa its error bodies, and behind any
  // proxy a client's HTTP/2 arrives as 1.1 as well.
  const minor = scope.http_version === "1.0" ? 0 : 1;
  request.httpVersionMajor = 1;
  request.httpVersionMinor = minor;
  request.httpVersion = `1.${minor}`;
  request.method = scope.method;
  (request as NodeRequest).upgrade = false;
  (request as NodeRequest)._addHeaderLines(head.rawHeaders, head.rawHeaders.length);
  if (scope.root_path === "") request.url = guestUrl(scope).url;
  else Object.assign(request, guestUrl(scope));
}
