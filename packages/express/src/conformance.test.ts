// The conformance suite with Express as the host: versions 5 and 4, at the root and below a mount path.

import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, test } from "vitest";
import {
  casesNamed,
  casesThatNeed,
  http1Wire,
  nodeParserSkips,
  reportWriter,
  testAdapter,
} from "@tsgi/testing";
import { VERSIONS } from "./fixtures/servers.ts";
import { toExpress } from "./to-express.ts";

const runner = { describe, test, beforeAll, afterAll };
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

const OF_NODE: Readonly<Record<string, string>> = {
  ...casesThatNeed("tls", "The connection is plain"),
  ...nodeParserSkips,
  "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served":
    "node:http calls a listener for it all the same, though the answer goes nowhere; serveNode does not",
};

const AT_THE_ROOT: Readonly<Record<string, string>> = {
  "response heads: fields keep their order on HTTP/1.1, repeated ones too":
    "Express has set X-Powered-By: Node then puts the fields of one name together",
};

const MOUNTED: Readonly<Record<string, string>> = casesNamed(
  "Express finds no mount path in the asterisk",
  "paths: OPTIONS with an asterisk has the path *",
);

for (const [version, express] of VERSIONS) {
  for (const [where, rootPath] of [
    ["at the root", ""],
    ["below a mount path", "/mnt"],
  ] as const) {
    testAdapter({
      name: `${version} ${where}`,
      runner,
      onReport,
      rootPath,
      async serve(app, log) {
        const mounted = toExpress(app, { log });
        const { shutdown } = await mounted.lifespan({ mode: "on", log });
        const front = express();
        if (rootPath === "") front.use(mounted);
        else front.disable("x-powered-by").use(rootPath, mounted);
        const listener = below(rootPath, front);
        const server = createServer(listener);
        // What `app.listen` leaves to Node: a client that waits for 100 Continue would hear it before anybody reads.
        server.on("checkContinue", listener);
        return {
          wire: http1Wire({ port: await listen(server) }),
          async close() {
            await stop(server);
            await shutdown();
          },
        };
      },
      skip: { ...OF_NODE, ...(rootPath === "" ? AT_THE_ROOT : MOUNTED) },
    });
  }
}

/** Some cases send octets of their own, which know of no mount: something in front of Express puts its path in. */
function below(rootPath: string, front: RequestListener): RequestListener {
  return (req, res) => {
    const { url = "" } = req;
    if (url.startsWith("/") && !url.startsWith(rootPath)) req.url = rootPath + url;
    front(req, res);
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
