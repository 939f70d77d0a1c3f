// A Hono app with the suite's app as its handler.

import { Hono } from "hono";
import { fromHono, toHono } from "@tsgi/hono";
import { casesThatNeed } from "@tsgi/testing";
import { both } from "../skips.ts";
import type { Guest } from "./guest.ts";

/** Hono 4. */
export const honoGuest: Guest = {
  name: "Hono",
  runs: "both",
  skip: {
    ...casesThatNeed("interim responses", "A fetch function answers once"),
    ...casesThatNeed("trailers", "A Response has no trailers"),
    ...casesThatNeed("files", "A Response is no file"),
    ...casesThatNeed("lifespan", "A fetch function is not told that its server starts or stops"),
    ...both(
      "The URL of a Request has no dot segments",
      "paths: dot segments are kept",
      "paths: encoded dot segments are decoded and kept",
      "sync paths: REQUEST_URI is the target, undecoded, with its query",
    ),
    ...both("A Request refuses the method TRACE", "methods: TRACE reaches the app in upper case"),
    ...both("A GET Request has no body", "request bodies: a GET may have a body"),
    ...both(
      "A Response has a status from 200 to 599",
      "response heads: status 600 arrives",
      "response heads: status 799 arrives",
      "response heads: status 999 arrives",
    ),
    ...both(
      "Headers joins fields of one name, and only Set-Cookie stays apart",
      "response heads: repeated fields stay apart and in order",
      "response heads: fields keep their order on HTTP/1.1, repeated ones too",
    ),
    ...both(
      "Headers has names in lower case only",
      "response heads: the app's case of a name is kept on HTTP/1.1",
    ),
    ...both(
      "An empty statusText is what every Response has that says nothing",
      "sync response heads: an empty reason stays empty on HTTP/1.1",
    ),
    ...both(
      "A Response says nothing of connections",
      "response heads: connection: close of the app closes the connection after the response",
    ),
  },
  of: (app, log) => fromHono(new Hono().all("*", toHono(app, { log }))),
};
