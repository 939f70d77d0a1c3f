// The conformance suite against this host: node:http.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, test } from "vitest";
import { http1Wire, testAdapter, type Adapter } from "@tsgi/testing";
import { toNode } from "./to-node.ts";

const runner = { describe, test, beforeAll, afterAll };

const http1: Adapter = {
  name: "node http/1.1",
  async serve(app, log) {
    const listener = toNode(app, { log });
    const server = createServer(listener).on("checkContinue", listener);
    return { wire: http1Wire({ port: await listen(server) }), close: () => stop(server) };
  },
};

testAdapter({ ...http1, runner });

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
