// A Hono app with the suite's app as its handler.

import { Hono } from "hono";
import { fromHono, toHono } from "@tsgi/hono";
import { casesNamed, casesThatNeed } from "@tsgi/testing";
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
      "response heads: fields keep their order on HTTP/1.1, repeated ones too",
    ),
    ...casesNamed(
      "Headers has names in lower case only",
      "response heads: the app's case of a name is kept on HTTP/1.1",
    ),
    ...casesNamed(
      "An empty statusText is what every Response has that says nothing",
      "sync response heads: an empty reason stays empty on HTTP/1.1",
    ),
    ...casesNamed(
      "A Response says nothing of connections",
      "response heads: connection: close of the app closes the connection after the response",
    ),
  },
  of: (app, log) => fromHono(new Hono().all("*", toHono(app, { log }))),
};
