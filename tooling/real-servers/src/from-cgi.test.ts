// The conformance suite through fromCgi on serveNode. All of it by way of a CGI program in C, cgi-fcgi, which hands each request to an
// app in this process; and what shows CGI's own part by our own program, serveCgi, a Node process for each request.

import { fromCgi, type FromCgiOptions } from "@tsgi/cgi";
import { mount, type AsgiApp, type Log } from "@tsgi/core";
import { serveNode } from "@tsgi/node";
import { cgiProgram } from "./cgi-program.ts";
import { onUnixSocket } from "./fastcgi-here.ts";
import { BY_FASTCGI, IN_NODE } from "./from-cgi-skips.ts";
import { A_PROCESS_EACH, ONE_PROCESS_EACH, wireWithoutQuestions } from "./process-per-request.ts";
import { pathOf } from "./programs.ts";
import { testRoute } from "./route.ts";
import type { RunningServer } from "./running-program.ts";

/** Everything may pass that the suite sends. */
const OPEN: FromCgiOptions = {
  encodedSlashes: "decode",
  dotSegments: "keep",
  passAuthorization: true,
};

testRoute({
  name: "cgi-fcgi in fromCgi on serveNode",
  programs: ["cgi-fcgi"],
  frameworks: A_PROCESS_EACH,
  skip: { ...IN_NODE, ...BY_FASTCGI },
  async start(parts) {
    const path = await onUnixSocket(parts);
    // It ends by SIGKILL only: libfcgi takes SIGTERM for a wish.
    const options = { ...OPEN, killGrace: 50, args: ["-bind", "-connect", path] };
    const app = fromCgi(pathOf("cgi-fcgi"), options);
    // The app has logged already what it says of itself through cgi-fcgi.
    return inNode(app, () => {});
  },
});

testRoute({
  name: "serveCgi in fromCgi on serveNode, below a prefix",
  programs: [],
  rootPath: "/the mount",
  // A start of Node for each: what shows the two ends of CGI, and no more.
  plain: /^(?:sync )?(?:paths|environ): |cuts the response$/,
  frameworks: /^paths: (?:.*UTF-8|.*slash|the query)|^errors: a throw .*cuts the response$/,
  wire: wireWithoutQuestions,
  skip: { ...IN_NODE, ...ONE_PROCESS_EACH },
  async start(parts) {
    const script = await cgiProgram(parts);
    return inNode(mount("/the mount", fromCgi(script, { ...OPEN, failedExit: "cut" })), parts.log);
  },
});

/** Serves an app on a port. */
async function inNode(app: AsgiApp, log: Log): Promise<RunningServer> {
  const logged: string[] = [];
  const server = await serveNode(app, {
    port: 0,
    shutdownTimeout: 0,
    log: (level, message, error) => {
      logged.push(`${level}: ${message}`);
      log(level, message, error);
    },
  });
  return {
    port: server.address?.[1] ?? 0,
    log: () => logged.join("\n"),
    stop: async () => void (await server.close()),
  };
}
