// The conformance suite by CGI: a Node process for each request, started by fcgiwrap behind nginx, by Apache and by lighttpd.

import { apacheModule, startApache } from "./apache.ts";
import { bundleSuite, writeScript } from "./bundle.ts";
import { FCGIWRAP, LIGHTTPD_CGI, MOD_CGID } from "./cgi-skips.ts";
import { asyncGuest, syncGuest } from "./guests/plain.ts";
import { startLighttpd } from "./lighttpd.ts";
import { startNginx } from "./nginx.ts";
import { wireWithoutQuestions } from "./process-per-request.ts";
import { testRoute, unlessAll, type Route, type RouteParts } from "./route.ts";
import { startProgram, type RunningServer } from "./running-program.ts";

/** What goes through the web server's own code; what an app may do is the same for all of them, and proved in packages/cgi. */
const WHERE_SERVERS_DIFFER: Route["only"] = unlessAll(
  /^(?:sync )?(?:paths|environ|request headers|request bodies|response bodies|response heads|input|limits): /,
);

/** The same, where fcgiwrap has shown the rest. */
const BODIES_AND_PATHS: Route["only"] = unlessAll(
  /^(?:sync )?(?:paths|request bodies|response bodies|input): /,
);

async function program({ place, guest }: RouteParts, options: object = {}): Promise<string> {
  await bundleSuite(place, "cgi");
  return writeScript(place, "suite.cgi", { speaks: "cgi", guest, options });
}

async function behindFcgiwrap(parts: RouteParts): Promise<RunningServer> {
  const { place } = parts;
  const script = await program(parts, { scriptName: "" });
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
  only: WHERE_SERVERS_DIFFER,
  // A start of a framework for each.
  frameworks: /^(?:sync )?(?:request bodies|response bodies): /,
  wire: wireWithoutQuestions,
  skip: FCGIWRAP,
  start: behindFcgiwrap,
});

testRoute({
  name: "serveCgi behind Apache mod_cgid",
  programs: ["apache2", apacheModule("cgid")],
  guests: [asyncGuest, syncGuest],
  only: BODIES_AND_PATHS,
  wire: wireWithoutQuestions,
  skip: MOD_CGID,
  async start(parts) {
    const script = await program(parts, { scriptName: "" });
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
    await program(parts);
    return startLighttpd({
      place: parts.place,
      modules: ["mod_cgi"],
      config: `cgi.assign = ( ".cgi" => "" )`,
    });
  },
});
