// The conformance suite by CGI: a Node process for each request, started by fcgiwrap behind nginx.

import { cgiProgram } from "./cgi-program.ts";
import { FCGIWRAP } from "./cgi-skips.ts";
import { startNginx } from "./nginx.ts";
import { A_PROCESS_EACH, wireWithoutQuestions } from "./process-per-request.ts";
import { testRoute, type Choice, type RouteParts } from "./route.ts";
import { startProgram, type RunningServer } from "./running-program.ts";

/** What goes through the web server's own code; what an app may do is the same for all of them, and proved in packages/cgi. */
const WHERE_SERVERS_DIFFER: Choice =
  /^(?:sync )?(?:paths|environ|request headers|request bodies|response bodies|response heads|input|limits): /;

async function behindFcgiwrap(parts: RouteParts): Promise<RunningServer> {
  const { place } = parts;
  const script = await cgiProgram(parts, { scriptName: "" });
  const socket = place.path("fcgiwrap.sock");
  const fcgiwrap = await startProgram({
    place,
    program: "fcgiwrap",
    args: ["-c", "4", "-f", "-s", `unix:${socket}`],
    accepts: [{ path: socket }],
  });
  parts.stopLater(() => fcgiwrap.stop());
  return startNginx({
    place,
    server: `
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME ${script};
      fastcgi_pass unix:${socket};
    }`,
  });
}

testRoute({
  name: "serveCgi behind nginx and fcgiwrap",
  programs: ["nginx", "fcgiwrap"],
  plain: WHERE_SERVERS_DIFFER,
  frameworks: A_PROCESS_EACH,
  wire: wireWithoutQuestions,
  skip: FCGIWRAP,
  start: behindFcgiwrap,
});
