// The conformance suite against both directions at once: the suite's app in serveFastCgi, behind fromFastCgi on a real server. On a
// unix socket with connections kept, by TCP with a connection for each request, and with all requests on one.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { serveNode } from "@tsgi/node";
import {
  casesNamed,
  casesThatNeed,
  http1Wire,
  nodeParserSkips,
  reportWriter,
  testAdapter,
} from "@tsgi/testing";
import type { FromFastCgiOptions } from "./from-fastcgi-options.ts";
import { fromFastCgi } from "./from-fastcgi.ts";
import { serveFastCgi } from "./serve-fastcgi.ts";
import type { FastCgiTarget } from "./target.ts";

const runner = { describe, test, beforeAll, afterAll };
const onReport = reportWriter(process.env["TSGI_CONFORMANCE_REPORTS"]);

const JOINED = "CGI joins the headers of one name";
const READ_FIRST = "fromFastCgi reads a body of unknown length first, and tells its length";
const NOTHING_SENT =
  "The piece and the failure come together: nothing was sent yet, and fromFastCgi answers 502 instead";
const OVERLAP =
  "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response";

const SKIPPED: Readonly<Record<string, string>> = {
  ...casesThatNeed("tls", "The connection is plain"),
  ...casesThatNeed("trailers", "FastCGI has no trailers"),
  ...casesThatNeed("interim responses", "FastCGI has no interim responses"),
  ...casesThatNeed("files", "FastCGI has one way to send bytes"),
  ...nodeParserSkips,
  "receive: an app that does not read holds the client back":
    "A body without a length is read to its end before the upstream is asked",
  ...casesNamed("fromFastCgi answers 501 to TRACE", "methods: TRACE reaches the app in upper case"),
  ...casesNamed(
    "No meta-variable can hold a NUL: fromFastCgi answers 404",
    "paths: an encoded line feed and an encoded NUL are part of the path",
  ),
  "request headers: a repeated header arrives once for each time, in order": JOINED,
  "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ": JOINED,
  "sync limits: a header that is repeated a hundred times is served, and once more is a 400": JOINED,
  "request headers: a name with an underscore never passes for one with a hyphen":
    "fromFastCgi passes no such header on",
  "sync environ: REMOTE_ADDR and SERVER_PORT are the two ends of the connection":
    "A gateway says REMOTE_HOST, too",
  "request bodies: Transfer-Encoding is listed, and the pieces come without chunk sizes": READ_FIRST,
  "sync input: a body of unknown length over the limit is a 413, and the app is not called": READ_FIRST,
  [OVERLAP]: READ_FIRST,
  "continue: an app that answers first sends no 100":
    "fromFastCgi cannot know that the app will not read the body",
  "sync response heads: an empty reason stays empty on HTTP/1.1":
    "A Status without a reason has the standard one (RFC 3875 §6.3.3)",
  "response heads: connection: close of the app closes the connection after the response":
    "Connection ends at each hop",
  "errors: a throw after the first piece cuts the response": NOTHING_SENT,
  "errors: a throw within the announced length cuts the response": NOTHING_SENT,
  "errors: a return before the last piece cuts the response": NOTHING_SENT,
  "errors: a last piece that leaves the body shorter than Content-Length cuts the response": NOTHING_SENT,
  "errors: a piece that makes the body longer than Content-Length cuts the response": NOTHING_SENT,
  "sync result: a throw after a piece cuts the response, and is logged once": NOTHING_SENT,
};

interface Way {
  readonly by: "unix" | "tcp";
  readonly rootPath: string;
  readonly options: FromFastCgiOptions;
  readonly skip?: Readonly<Record<string, string>>;
}

function testUpstream(name: string, { by, rootPath, options, skip = {} }: Way): void {
  testAdapter({
    name: `serveFastCgi in fromFastCgi ${name}`,
    runner,
    onReport,
    rootPath,
    async serve(app, log) {
      const folder = mkdtempSync(join(tmpdir(), "tsgi-suite-"));
      const where = by === "unix" ? { path: join(folder, "socket") } : { port: 0 };
      const upstream = await serveFastCgi(app, {
        ...where,
        lifespan: "on",
        shutdownTimeout: 0,
        stderr: false,
        log,
      });
      const [host, port] = upstream.address as [string, number | null];
      const target: FastCgiTarget = port === null ? { path: host } : { host, port };
      const front = fromFastCgi(target, {
        dotSegments: "keep",
        passAuthorization: true,
        // What goes wrong is the app's doing, and its own server says so: here it would be told a second time.
        log: () => {},
        ...options,
      });
      const server = await serveNode(front, { port: 0, rootPath, shutdownTimeout: 0, log: () => {} });
      return {
        wire: http1Wire({ port: server.address?.[1] ?? 0 }),
        async close() {
          await server.close();
          await upstream.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
    skip: { ...SKIPPED, ...skip },
  });
}

testUpstream("on a unix socket, connections kept", {
  by: "unix",
  rootPath: "",
  options: { keepAlive: true },
});
testUpstream("by TCP, a connection for each request", { by: "tcp", rootPath: "/the mount", options: {} });
testUpstream("by TCP, multiplexed", {
  by: "tcp",
  rootPath: "",
  options: { multiplex: true },
  skip: casesThatNeed(
    "reading",
    "On one connection a client that does not read holds up all in the end, the suite's own questions too",
  ),
});
