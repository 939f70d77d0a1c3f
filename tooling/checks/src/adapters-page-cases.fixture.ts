// The conformance cases for the host adapter of docs/adapters.md: what core decides for every adapter. What a server decides
// (keep-alive, chunked uploads, bad requests, limits, files) it leaves out, to fit on a page.

import { cases as allCases, casesThatNeed, type Case } from "@tsgi/testing";

const GROUPS = new Set([
  "paths",
  "methods",
  "request headers",
  "scope",
  "environ",
  "receive",
  "response heads",
  "response bodies",
  "errors",
  "protocol errors",
  "startResponse",
  "result",
  "streaming",
]);

const ONE_REQUEST = "It serves one request for each connection";
const NO_CHUNKS = "It reads no chunked bodies";
const NO_HTTP_1_0 = "It speaks HTTP/1.1 only";
const NO_TARGET = "Its scope does not keep the whole target, from which REQUEST_URI is made";

/** The cases of these groups, of the async and of the sync interface. */
export const pageCases: readonly Case[] = allCases.filter(({ name }) => GROUPS.has(groupOf(name)));

/** The cases among them that it cannot pass, and why. */
export const pageSkips: Readonly<Record<string, string>> = {
  ...casesThatNeed("tls", "It speaks over plain TCP only", pageCases),
  ...casesThatNeed("lifespan", "It runs no lifespan", pageCases),
  ...casesThatNeed("log", "It logs to the console", pageCases),
  ...inBoth(ONE_REQUEST, [
    "response bodies: an empty body arrives as such, and the connection serves on",
    "response bodies: HEAD gets the head of the GET and no octet of the body",
    "response bodies: HEAD without Content-Length announces no chunks that never come",
    "response bodies: a 204 has no octet of a body, no framing and no type of its own",
    "response bodies: a 304 has no octet of a body, no framing and no type of its own",
  ]),
  "scope: what one request does to its scope, the next one does not see": ONE_REQUEST,
  "scope: the server does not read it back: what an app writes into it changes nothing of the response":
    NO_HTTP_1_0,
  "scope: http_version of an HTTP/1.0 request is 1.0": NO_HTTP_1_0,
  "sync environ: what one request does to its environ, the next one does not see": ONE_REQUEST,
  "protocol errors: what is sent after a complete response is ignored": ONE_REQUEST,
  "receive: an app that does not read holds the client back": NO_CHUNKS,
  ...inBoth(NO_HTTP_1_0, [
    "response bodies: pieces without Content-Length end with the connection on HTTP/1.0",
  ]),
  "errors: a cut response on HTTP/1.0 is a reset, since its clean end would look complete": NO_HTTP_1_0,
  "sync paths: REQUEST_URI shows an empty query, which nothing else does": NO_TARGET,
  "sync paths: REQUEST_URI of the absolute form is the whole target as received": NO_TARGET,
};

function groupOf(name: string): string {
  return name.replace(/^sync /, "").replace(/:.*/s, "");
}

function inBoth(reason: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => [name, `sync ${name}`]).map((name) => [name, reason]));
}
