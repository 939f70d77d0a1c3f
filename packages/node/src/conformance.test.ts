// The conformance suite against this host: node:http as a bare listener, and serveNode over HTTP/1.1, https, HTTP/2 and h2c.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, test } from "vitest";
import {
  casesNamed,
  casesThatNeed,
  http1Wire,
  http2Wire,
  lintAsgi,
  nodeParserSkips,
  reportWriter,
  testAdapter,
  type Adapter,
  type Wire,
} from "@tsgi/testing";
import { CA, SERVER } from "./fixtures/certificates.ts";
import type { ServeOptions } from "./serve-options.ts";
import { serveNode } from "./serve.ts";
import { toNode } from "./to-node.ts";

const runner = { describe, test, beforeAll, afterAll };
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

const NO_TLS = casesThatNeed("tls", "The connection is plain");
const NO_OCTETS = casesThatNeed("octets", "HTTP/2 has frames instead of the octets of HTTP/1.1");
const NO_HTTP1 = casesThatNeed("HTTP/1.1", "HTTP/2 has no reason phrases, chunks or case of names");

const ON_HTTP1: Readonly<Record<string, string>> = {
  ...nodeParserSkips,
};

const ON_HTTP2: Readonly<Record<string, string>> = {
  ...NO_OCTETS,
  ...NO_HTTP1,
  ...casesNamed(
    "node:http2 sends no status above 599: the client gets 500, and the log a warning",
    "response heads: status 600 arrives",
    "response heads: status 799 arrives",
    "response heads: status 999 arrives",
  ),
};

/** Serves the suite by serveNode. */
function served(options: ServeOptions, wire: (port: number) => Wire): Pick<Adapter, "serve"> {
  return {
    async serve(app, log) {
      const server = await serveNode(app, { port: 0, lifespan: "on", shutdownTimeout: 0, log, ...options });
      return {
        wire: wire(server.address?.[1] ?? 0),
        close: async () => void (await server.close()),
      };
    },
  };
}

testAdapter({
  name: "toNode on node:http",
  runner,
  onReport,
  async serve(app, log) {
    const listener = toNode(app, { log });
    const server = createServer(listener).on("checkContinue", listener);
    return { wire: http1Wire({ port: await listen(server) }), close: () => stop(server) };
  },
  skip: {
    ...ON_HTTP1,
    ...NO_TLS,
    ...casesThatNeed("lifespan", "A bare listener runs no lifespan"),
    "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served":
      "node:http calls a listener for it all the same, though the answer goes nowhere; serveNode does not",
  },
});

testAdapter({
  name: "serveNode http/1.1",
  runner,
  onReport,
  lint: (app) => lintAsgi(app, { headerCase: "any" }),
  ...served({}, (port) => http1Wire({ port })),
  skip: { ...ON_HTTP1, ...NO_TLS },
});

testAdapter({
  name: "serveNode http/1.1 below a mount prefix",
  runner,
  onReport,
  rootPath: "/the mount",
  ...served({ rootPath: "/the mount" }, (port) => http1Wire({ port })),
  skip: { ...ON_HTTP1, ...NO_TLS },
});

testAdapter({
  name: "serveNode https",
  runner,
  onReport,
  ...served({ tls: SERVER }, (port) => http1Wire({ port, tls: { ca: CA, servername: "localhost" } })),
  skip: {
    ...ON_HTTP1,
    "errors: a cut response on HTTP/1.0 is a reset, since its clean end would look complete":
      "Under TLS the sign is a missing close_notify, which Node's client does not report",
  },
});

testAdapter({
  name: "serveNode h2",
  runner,
  onReport,
  ...served({ tls: SERVER, http2: true }, (port) =>
    http2Wire({ port, tls: { ca: CA, servername: "localhost" } }),
  ),
  skip: ON_HTTP2,
});

testAdapter({
  name: "serveNode h2c",
  runner,
  onReport,
  ...served({ http2: "h2c" }, (port) => http2Wire({ port })),
  skip: { ...ON_HTTP2, ...NO_TLS },
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
