// What the host adapter of docs/adapters.md cannot do, case by case: the price of fitting on a page.

import { casesThatNeed } from "@tsgi/testing";

const ONE_REQUEST = "It serves one request for each connection";
const NO_CHUNKS = "It reads no chunked bodies";
const NO_CONTINUE = "It sends no 100 Continue";
const NO_HTTP_1_0 = "It speaks HTTP/1.1 only";
const NO_TARGET = "A scope of its kind does not keep the whole target, from which REQUEST_URI is made";

/** The cases it skips, and why. */
export function skips(): Record<string, string> {
  return {
    ...casesThatNeed("tls", "It speaks over plain TCP only"),
    ...casesThatNeed("lifespan", "It runs no lifespan"),
    ...casesThatNeed("log", "It logs to the console"),
    ...casesThatNeed("interim responses", "It offers no interim responses"),
    ...casesThatNeed("trailers", "It offers no trailers"),
    ...casesThatNeed("files", "It offers no files"),
    ...inBoth(ONE_REQUEST, [
      "request bodies: a body the app does not read is no part of the next request",
      "response bodies: an empty body arrives as such, and the connection serves on",
      "response bodies: HEAD gets the head of the GET and no octet of the body",
      "response bodies: HEAD without Content-Length announces no chunks that never come",
      "response bodies: a 204 has no octet of a body, no framing and no type of its own",
      "response bodies: a 304 has no octet of a body, no framing and no type of its own",
    ]),
    "scope: what one request does to its scope, the next one does not see": ONE_REQUEST,
    "sync environ: what one request does to its environ, the next one does not see": ONE_REQUEST,
    "protocol errors: what is sent after a complete response is ignored": ONE_REQUEST,
    ...inBoth(NO_CHUNKS, [
      "request bodies: a body of unknown length arrives joined in order",
      "request bodies: an empty body of unknown length is empty",
      "request bodies: 1 MiB of noise of unknown length arrives octet by octet",
    ]),
    "request bodies: every piece has body and more_body, the last alone says false, and only the last may be empty":
      NO_CHUNKS,
    "request bodies: Transfer-Encoding is listed, and the pieces come without chunk sizes": NO_CHUNKS,
    "sync request bodies: one of unknown length gets its exact length, and Transfer-Encoding is gone":
      NO_CHUNKS,
    "receive: an app that does not read holds the client back": NO_CHUNKS,
    ...inBoth(NO_CONTINUE, [
      "continue: a client that waits for 100 is told to go on when the body is wanted",
    ]),
    ...inBoth(NO_HTTP_1_0, [
      "continue: an HTTP/1.0 client is sent no 100",
      "response bodies: pieces without Content-Length end with the connection on HTTP/1.0",
    ]),
    "scope: http_version of an HTTP/1.0 request is 1.0": NO_HTTP_1_0,
    "errors: a cut response on HTTP/1.0 is a reset, since its clean end would look complete": NO_HTTP_1_0,
    "sync paths: REQUEST_URI shows an empty query, which nothing else does": NO_TARGET,
    "sync paths: REQUEST_URI of the absolute form is the whole target as received": NO_TARGET,
  };
}

function inBoth(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => [name, `sync ${name}`]).map((name) => [name, reason]));
}
