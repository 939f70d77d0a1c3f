// The conformance suite against toFetch, in process; and against both directions at once, on a real server: the suite's app
// becomes a fetch handler, which becomes an app, which serveNode serves.

import { afterAll, beforeAll, describe, test } from "vitest";
import {
  casesNamed,
  casesThatNeed,
  fetchWire,
  http1Wire,
  lintAsgi,
  reportWriter,
  testAdapter,
} from "@tsgi/testing";
import { serveNode } from "@tsgi/node";
import type { AsgiApp } from "@tsgi/core";
import { fromFetch } from "./from-fetch.ts";
import { toFetch } from "./to-fetch.ts";

const runner = { describe, test, beforeAll, afterAll };
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

/** What neither a Request nor a Response can hold. */
const OF_FETCH: Readonly<Record<string, string>> = {
  ...casesThatNeed("interim responses", "A fetch handler answers once"),
  ...casesThatNeed("trailers", "A Response has no trailers"),
  ...casesThatNeed("files", "A Response is no file"),
  ...casesNamed(
    "The URL of a Request has no dot segments",
    "paths: dot segments are kept",
    "paths: encoded dot segments are decoded and kept",
  ),
  "sync paths: REQUEST_URI is the target, undecoded, with its query":
    "The URL of a Request has no dot segments",
  ...casesNamed("A Request refuses the method", "methods: TRACE reaches the app in upper case"),
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

testAdapter({
  name: "toFetch",
  runner,
  onReport,
  lint: (app) => lintAsgi(app, { headerCase: "any" }),
  serve: async (app, log) => ({ wire: fetchWire({ fetch: toFetch(app, { log }) }), close() {} }),
  skip: {
    ...casesThatNeed("octets", "A Request has no octets"),
    ...casesThatNeed("tls", "A Request tells nothing of TLS"),
    ...casesThatNeed("addresses", "A Request has no addresses"),
    ...casesThatNeed("HTTP/1.1", "A Response has no framing"),
    ...casesThatNeed("lifespan", "A fetch handler runs no lifespan"),
    ...OF_FETCH,
    "request headers: a repeated header arrives once for each time, in order":
      "Headers joins fields of one name",
    "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived":
      "Headers sorts its fields",
    "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ":
      "Headers joins fields of one name",
    "sync limits: a header that is repeated a hundred times is served, and once more is a 400":
      "Headers joins fields of one name",
    ...casesNamed(
      "The server that calls the fetch handler adds Date",
      "response heads: Date is there once, and the app's own one wins",
    ),
  },
});

testAdapter({
  name: "toFetch in fromFetch on serveNode",
  runner,
  onReport,
  async serve(app, log) {
    const server = await serveNode(thereAndBack(app, log), {
      port: 0,
      shutdownTimeout: 0,
      lifespan: "off",
      log,
    });
    return {
      wire: http1Wire({ port: server.address?.[1] ?? 0 }),
      close: async () => void (await server.close()),
    };
  },
  skip: {
    ...casesThatNeed("tls", "The connection is plain"),
    ...casesThatNeed("lifespan", "A fetch handler runs no lifespan"),
    ...OF_FETCH,
    ...casesNamed(
      "Node's parser answers 400 to an octet above 0x7F in a target",
      "paths: raw UTF-8 octets are taken as they are",
      "paths: a raw octet that is not UTF-8 is kept in PATH_INFO and raw_path",
    ),
    ...casesNamed(
      "Node's parser answers 400 to a method it does not know",
      "methods: UNHEARD-OF reaches the app in upper case",
    ),
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
  },
});

/** The app as a fetch handler, and that as an app. */
function thereAndBack(app: AsgiApp, log: NonNullable<Parameters<typeof toFetch>[1]>["log"] & {}): AsgiApp {
  return fromFetch(toFetch(app, { log }));
}
