// What gets lost where a Request or a Response stands between a client and an app, and why: the same for every adapter that has one there.
// Source: the Fetch standard, https://fetch.spec.whatwg.org/ (forbidden methods, header lists, Response).

import { casesNamed, casesThatNeed } from "./run.ts";

/** Cases by name, and why each is not run. */
type Skips = Readonly<Record<string, string>>;

const JOINED = "Headers joins fields of one name";

/** Skip lists for adapters that speak by Request and Response, by what gets lost: `skip: { ...fetchSkips.url, ...fetchSkips.response }`. */
export const fetchSkips: {
  /** The target of the request: a URL is parsed. */
  readonly url: Skips;
  /** A method that no Request has. */
  readonly method: Skips;
  /** The body of a GET. */
  readonly getBody: Skips;
  /** The fields of the request as they came, where only a Headers has them. */
  readonly requestFields: Skips;
  /** What a Response cannot say. */
  readonly response: Skips;
  /** A file, sent as such. */
  readonly files: Skips;
  /** What of the head is another on HTTP/1.1. */
  readonly head: Skips;
  /** A reason that is empty. */
  readonly emptyReason: Skips;
} = {
  url: casesNamed(
    "The URL of a Request has no dot segments",
    "paths: dot segments are kept",
    "paths: encoded dot segments are decoded and kept",
    "sync paths: REQUEST_URI is the target, undecoded, with its query",
  ),
  method: casesNamed("A Request refuses the method", "methods: TRACE reaches the app in upper case"),
  getBody: casesNamed("A GET Request has no body", "request bodies: a GET may have a body"),
  // By name: in environ they are joined and without an order anyway.
  requestFields: {
    "request headers: a repeated header arrives once for each time, in order": JOINED,
    "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ": JOINED,
    "sync limits: a header that is repeated a hundred times is served, and once more is a 400": JOINED,
    "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived":
      "Headers sorts its fields",
  },
  response: {
    ...casesThatNeed("interim responses", "A fetch handler answers once"),
    ...casesThatNeed("trailers", "A Response has no trailers"),
    ...casesNamed(
      "A Response has a status from 200 to 599",
      "response heads: status 600 arrives",
      "response heads: status 799 arrives",
      "response heads: status 999 arrives",
    ),
    ...casesNamed(
      `${JOINED}, and only Set-Cookie stays apart`,
      "response heads: repeated fields stay apart and in order",
    ),
  },
  files: casesThatNeed("files", "A Response is no file"),
  head: {
    ...casesNamed(
      "Headers has names in lower case only",
      "response heads: the app's case of a name is kept on HTTP/1.1",
    ),
    ...casesNamed(
      "Headers sorts its fields, and joins those of one name",
      "response heads: fields keep their order on HTTP/1.1, repeated ones too",
    ),
    ...casesNamed(
      "A Response says nothing of connections",
      "response heads: connection: close of the app closes the connection after the response",
    ),
  },
  emptyReason: casesNamed(
    "An empty statusText is what every Response has that says nothing",
    "sync response heads: an empty reason stays empty on HTTP/1.1",
  ),
};
