// The conformance suite against both directions at once: the suite's app in serveCgi, a process for each request, behind fromCgi on a
// real server. The suite watches from within the process, too.

import { afterAll, beforeAll, describe, test } from "vitest";
import { chmodSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cases, http1Wire, reportWriter, testAdapter } from "@tsgi/testing";
import { serveNode } from "@tsgi/node";
import { bundled } from "./fixtures/bundle.ts";
import { fromCgi } from "./from-cgi.ts";

const runner = { describe, test, beforeAll, afterAll };
/** One request is all a process ever sees; its log is text; the connection is plain; and CGI has no such events. */
const LACKS: ReadonlySet<string> = new Set([
  "memory",
  "log",
  "tls",
  "trailers",
  "interim responses",
  "files",
  "lifespan",
]);
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

/**
 * What depends on how a process is given its request and hands over its answer. A process for each case takes a second on a busy machine:
 * all cases, behind every web server, are run by tooling/real-servers.
 */
const GROUPS = /^(?:sync )?(?:environ|errors|input|no body|request bodies|response bodies|scope|streaming): /;
const chosen = cases.filter(
  ({ name, needs = [] }) => GROUPS.test(name) && !needs.some((need) => LACKS.has(need)),
);

testAdapter({
  name: "serveCgi in fromCgi on serveNode",
  runner,
  onReport,
  rootPath: "/the mount",
  async serve(_app, log) {
    const bundle = await bundled("suite-program.ts");
    const program = join(dirname(bundle.path), "suite.cgi");
    writeFileSync(program, `#!/bin/sh\nNODE_EXTRA_CA_CERTS= exec ${process.execPath} ${bundle.path}\n`);
    chmodSync(program, 0o755);
    const app = fromCgi(program, {
      encodedSlashes: "decode",
      dotSegments: "keep",
      passAuthorization: true,
      failedExit: "cut",
      log,
    });
    const server = await serveNode(app, { port: 0, rootPath: "/the mount", shutdownTimeout: 0, log });
    return {
      wire: http1Wire({ port: server.address?.[1] ?? 0 }),
      async close() {
        await server.close();
        bundle.remove();
      },
    };
  },
  cases: chosen,
  skip: {
    "sync environ: headers that are called like keys of the server do not become them":
      "SCRIPT_FILENAME is a variable of CGI",
    "sync environ: REMOTE_ADDR and SERVER_PORT are the two ends of the connection":
      "A gateway says REMOTE_HOST, too",
    "request bodies: Transfer-Encoding is listed, and the pieces come without chunk sizes":
      "fromCgi reads the body first, and tells its length",
  },
});
