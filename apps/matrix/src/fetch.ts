// A fetch function, as a host called in process and as a guest.

import { fromFetch, toFetch } from "@tsgi/fetch";
import { casesNamed, casesThatNeed, fetchWire } from "@tsgi/testing";
import type { Guest, Host, Skips } from "./pair.ts";

/** What neither a Request nor a Response can hold. */
const OF_FETCH: Skips = {
  ...casesThatNeed("interim responses", "A fetch function answers once"),
  ...casesThatNeed("trailers", "A Response has no trailers"),
  ...casesNamed(
    "The URL of a Request has no dot segments",
    "paths: dot segments are kept",
    "paths: encoded dot segments are decoded and kept",
    "sync paths: REQUEST_URI is the target, undecoded, with its query",
  ),
  ...casesNamed("A Request refuses the method TRACE", "methods: TRACE reaches the app in upper case"),
  ...casesNamed("A GET Request has no body", "request bodies: a GET may have a body"),
  ...casesNamed(
    "A Response has a status from 200 to 599",
    "response heads: status 600 arrives",
    "response heads: status 799 arrives",
    "response heads: status 999 arrives",
  ),
  ...casesNamed(
    "Headers joins fields of one name, and only Set-Cookie stays apart",
    "response heads: repeated fields stay apart and in order",
  ),
};

const NO_FILES = casesThatNeed("files", "A Response is no file");

/** What a Request does to the fields of a client whose own are not at hand. */
const OF_HEADERS: Skips = {
  ...casesNamed(
    "Headers joins fields of one name",
    "request headers: a repeated header arrives once for each time, in order",
    "sync limits: a header that is repeated a hundred times is served, and once more is a 400",
  ),
  "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ":
    "Headers joins fields of one name",
  "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived":
    "Headers sorts its fields",
};

/** What a Response loses of a head on HTTP/1.1. */
const ON_HTTP1: Skips = {
  ...casesNamed(
    "Headers has names in lower case only",
    "response heads: the app's case of a name is kept on HTTP/1.1",
  ),
  "response heads: fields keep their order on HTTP/1.1, repeated ones too":
    "Headers sorts its fields, and joins those of one name",
  "sync response heads: an empty reason stays empty on HTTP/1.1":
    "An empty statusText is what every Response has that says nothing",
  "response heads: connection: close of the app closes the connection after the response":
    "A Response says nothing of connections",
};

const NO_LIFESPAN = casesThatNeed("lifespan", "A fetch function is not told that its server starts or stops");

/** `toFetch`, called with a Request as a runtime would. */
export const fetchHost: Host = {
  name: "fetch",
  native: false,
  http: "fetch",
  front: [],
  skip: ({ speaks }) => ({
    ...OF_FETCH,
    ...OF_HEADERS,
    ...NO_LIFESPAN,
    ...casesThatNeed("octets", "A Request has no octets"),
    ...casesThatNeed("tls", "A Request tells nothing of TLS"),
    ...casesThatNeed("addresses", "A Request has no addresses"),
    ...casesThatNeed("HTTP/1.1", "A Response has no framing"),
    // What speaks node:http reads its files itself, and has a Date from there.
    ...(speaks !== "node" && {
      ...NO_FILES,
      ...casesNamed(
        "The server that calls the fetch function adds Date",
        "response heads: Date is there once, and the app's own one wins",
      ),
    }),
  }),
  serve: async (app, log) => ({ wire: fetchWire({ fetch: toFetch(app, { log }) }), close: () => {} }),
};

/** What a fetch function cannot do as a guest. */
export function fetchGuestSkips(_host: Host): Skips {
  return { ...OF_FETCH, ...NO_FILES, ...NO_LIFESPAN, ...ON_HTTP1 };
}

/** The app as a fetch function. */
export const fetchGuest: Guest = {
  name: "fetch",
  speaks: "fetch",
  runs: null,
  front: [],
  skip: fetchGuestSkips,
  of: (app, log) => fromFetch(toFetch(app, { log })),
};
