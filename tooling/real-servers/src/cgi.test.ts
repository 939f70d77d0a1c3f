// The conformance suite by CGI: a Node process for each request, started by Apache and by lighttpd.

import { apacheModule, startApache } from "./apache.ts";
import { cgiProgram } from "./cgi-program.ts";
import { LIGHTTPD_CGI, MOD_CGID } from "./cgi-skips.ts";
import { asyncGuest, syncGuest } from "./guests/plain.ts";
import { startLighttpd } from "./lighttpd.ts";
import { wireWithoutQuestions } from "./process-per-request.ts";
import { testRoute, unlessAll, type Route } from "./route.ts";

/** What goes through the web server's own code, where fcgiwrap has shown the rest. */
const BODIES_AND_PATHS: Route["only"] = unlessAll(
  /^(?:sync )?(?:paths|request bodies|response bodies|input): /,
);

testRoute({
  name: "serveCgi behind Apache mod_cgid",
  programs: ["apache2", apacheModule("cgid")],
  guests: [asyncGuest, syncGuest],
  only: BODIES_AND_PATHS,
  wire: wireWithoutQuestions,
  skip: MOD_CGID,
  async start(parts) {
    const script = await cgiProgram(parts, { scriptName: "" });
    return startApache({
      place: parts.place,
      modules: ["cgid"],
      config: `
AllowEncodedSlashes NoDecode
ScriptSock "${parts.place.path("cgid.sock")}"
ScriptAlias "/" "${script}/"
<Location "/">
  CGIPassAuth On
</Location>`,
    });
  },
});

testRoute({
  name: "serveCgi behind lighttpd mod_cgi",
  programs: ["lighttpd"],
  guests: [asyncGuest, syncGuest],
  only: BODIES_AND_PATHS,
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
