// The conformance suite against this host: Hono on @hono/node-server, alone and behind a middleware, and called in process.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, test } from "vitest";
import { casesThatNeed, http1Wire, reportWriter, testAdapter, type Adapter } from "@tsgi/testing";
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
      const server = createServer(getRequestListener(hono.fetch, { overrideGlobalObjects: false }));
      return { wire: http1Wire({ port: await listen(server) }), close: () => stop(server) };
    },
  };
}

testAdapter({
  name: "Hono on @hono/node-server",
  runner,
  onReport,
  ...onNodeServer(false),
  skip: { ...casesThatNeed("tls", "The connection is plain") },
});

testAdapter({
  name: "Hono on @hono/node-server, behind a middleware",
  runner,
  onReport,
  ...onNodeServer(true),
  skip: { ...casesThatNeed("tls", "The connection is plain") },
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
