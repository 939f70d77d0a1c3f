// The conformance suite by CGI: a Node process for each request, started by Apache and by lighttpd.

import { apacheModule, startApache, type ApacheOptions } from "./apache.ts";
import { cgiProgram } from "./cgi-program.ts";
import { LIGHTTPD_CGI, MOD_CGID, PREFORK_CGI } from "./cgi-skips.ts";
import { asyncGuest, syncGuest } from "./guests/plain.ts";
import { startLighttpd } from "./lighttpd.ts";
import { A_PROCESS_EACH, wireWithoutQuestions } from "./process-per-request.ts";
import { testRoute, type Choice, type RouteParts } from "./route.ts";
import type { RunningServer } from "./running-program.ts";

/** What goes through the web server's own code, where fcgiwrap has shown the rest. */
const BODIES_AND_PATHS: Choice = /^(?:sync )?(?:paths|request bodies|response bodies|input): /;

/** Where another module of the same server has shown the rest. */
const LENGTHS: Choice =
  /^(?:sync )?(?:request bodies: (?:1 MiB|a body the app|a POST)|response bodies: (?:1 MiB|HEAD|.*Content-Length)|.*length.* cuts the response)/i;

/** Apache, which is told to pass every path and header on. */
async function behindApache(
  parts: RouteParts,
  options: Pick<ApacheOptions, "modules" | "mpm">,
  more: string,
): Promise<RunningServer> {
  const script = await cgiProgram(parts, { scriptName: "" });
  return startApache({
    place: parts.place,
    ...options,
    config: `
${more}
AllowEncodedSlashes NoDecode
ScriptAlias "/" "${script}/"
<Location "/">
  CGIPassAuth On
</Location>`,
  });
}

testRoute({
  name: "serveCgi behind Apache mod_cgid",
  programs: ["apache2", apacheModule("cgid")],
  plain: BODIES_AND_PATHS,
  frameworks: A_PROCESS_EACH,
  wire: wireWithoutQuestions,
  skip: MOD_CGID,
  start: (parts) =>
    behindApache(parts, { modules: ["cgid"] }, `ScriptSock "${parts.place.path("cgid.sock")}"`),
});

testRoute({
  name: "serveCgi behind Apache mod_cgi, which trusts a Content-Length",
  programs: ["apache2", apacheModule("cgi"), apacheModule("mpm_prefork")],
  guests: [asyncGuest, syncGuest],
  plain: LENGTHS,
  wire: wireWithoutQuestions,
  skip: PREFORK_CGI,
  start: (parts) => behindApache(parts, { modules: ["cgi"], mpm: "prefork" }, "SetEnv ap_trust_cgilike_cl 1"),
});

testRoute({
  name: "serveCgi behind lighttpd mod_cgi",
  programs: ["lighttpd"],
  plain: BODIES_AND_PATHS,
  frameworks: A_PROCESS_EACH,
  rootPath: "/suite.cgi",
  wire: wireWithoutQuestions,
  skip: LIGHTTPD_CGI,
  async start(parts) {
    await cgiProgram(parts);
    return startLighttpd({
      place: parts.place,
      modules: ["mod_cgi"],
      config: `cgi.assign = ( ".cgi" => "" )`,
    });
  },
});
