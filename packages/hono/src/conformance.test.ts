// The conformance suite against this host: Hono on @hono/node-server, alone and behind a middleware, and called in process.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, test } from "vitest";
import {
  casesNamed,
  casesThatNeed,
  fetchWire,
  http1Wire,
  lintAsgi,
  nodeParserSkips,
  reportWriter,
  testAdapter,
  type Adapter,
} from "@tsgi/testing";
import {
  OF_CALL,
  OF_HEAD,
  OF_METHOD,
  OF_REASON,
  OF_REQUEST,
  OF_RESPONSE,
  OF_URL,
  skipped,
} from "./fixtures/skips.ts";
import { toHono } from "./to-hono.ts";

const runner = { describe, test, beforeAll, afterAll };
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

/** Serves a Hono app as @hono/node-server does. */
function onNodeServer(behind: boolean): Pick<Adapter, "serve"> {
  return {
    async serve(app, log) {
      const hono = new Hono();
      if (behind) hono.use(async (_c, next) => next());
      hono.all("*", toHono(app, { log }));
      const fetch = hono.fetch as Parameters<typeof getRequestListener>[0];
      // An HTTP/1.0 client may leave its Host out.
      const listener = getRequestListener(fetch, { hostname: "localhost" }) as RequestListener;
      const server = createServer(listener).on("checkContinue", listener);
      return { wire: http1Wire({ port: await listen(server) }), close: () => stop(server) };
    },
  };
}

const ON_NODE_SERVER = {
  ...casesThatNeed("tls", "The connection is plain"),
  ...casesThatNeed("lifespan", "@hono/node-server runs no lifespan"),
  ...nodeParserSkips,
  ...casesNamed(
    "@hono/node-server answers 400 to a target that is no path",
    "paths: OPTIONS with an asterisk has the path *",
  ),
};

testAdapter({
  name: "toHono on @hono/node-server",
  runner,
  onReport,
  ...onNodeServer(false),
  skip: {
    ...ON_NODE_SERVER,
    ...skipped(
      "node:http calls a listener for it all the same, though the answer goes nowhere",
      "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served",
    ),
  },
});

testAdapter({
  name: "toHono on @hono/node-server, behind a middleware",
  runner,
  onReport,
  ...onNodeServer(true),
  skip: {
    ...ON_NODE_SERVER,
    ...casesThatNeed("octets", "@hono/node-server reads the octets"),
    ...OF_URL,
    ...OF_REQUEST,
    ...OF_RESPONSE,
    ...OF_HEAD,
    ...OF_REASON,
    ...casesNamed(
      "@hono/node-server flushes the head, which Node then writes as UTF-8",
      "response heads: octets above 0x7F arrive one by one",
    ),
  },
});

testAdapter({
  name: "toHono, called with a Request",
  runner,
  onReport,
  lint: (app) => lintAsgi(app, { headerCase: "any" }),
  async serve(app, log) {
    const hono = new Hono().all("*", toHono(app, { log }));
    return { wire: fetchWire({ fetch: (request) => hono.fetch(request) }), close() {} };
  },
  skip: {
    ...casesThatNeed("octets", "A Request has no octets"),
    ...casesThatNeed("addresses", "A Request has no addresses"),
    ...casesThatNeed("HTTP/1.1", "A Response has no framing"),
    ...casesNamed(
      "The server that calls Hono adds Date",
      "response heads: Date is there once, and the app's own one wins",
    ),
    ...OF_CALL,
    ...OF_URL,
    ...OF_REQUEST,
    ...OF_METHOD,
    ...OF_RESPONSE,
  },
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
