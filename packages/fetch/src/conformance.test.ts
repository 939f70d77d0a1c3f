// The conformance suite against toFetch, in process; and against both directions at once, on a real server: the suite's app
// becomes a fetch handler, which becomes an app, which serveNode serves.

import { afterAll, beforeAll, describe, test } from "vitest";
import {
  casesNamed,
  casesThatNeed,
  fetchSkips,
  fetchWire,
  http1Wire,
  lintAsgi,
  nodeParserSkips,
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
  ...fetchSkips.url,
  ...fetchSkips.method,
  ...fetchSkips.getBody,
  ...fetchSkips.response,
  ...fetchSkips.files,
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
    ...fetchSkips.requestFields,
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
    ...nodeParserSkips,
    ...fetchSkips.head,
    ...fetchSkips.emptyReason,
  },
});

/** The app as a fetch handler, and that as an app. */
function thereAndBack(app: AsgiApp, log: NonNullable<Parameters<typeof toFetch>[1]>["log"] & {}): AsgiApp {
  return fromFetch(toFetch(app, { log }));
}
