// The conformance suite with an app that the web server starts: serveFastCgi on the listening socket it finds on descriptor 0.

import { apacheModule, startApache } from "./apache.ts";
import { bundleProgram, writeScript } from "./bundle.ts";
import { startLighttpd } from "./lighttpd.ts";
import { startNginx } from "./nginx.ts";
import { pathOf } from "./programs.ts";
import { testRoute, type RouteParts } from "./route.ts";
import { startProgram } from "./running-program.ts";
import { BIN_PATH, FCGID, MULTIWATCH } from "./started-skips.ts";

async function script({ place, guest }: RouteParts, options: object = {}): Promise<string> {
  const program = await bundleProgram(place, "fastcgi");
  return writeScript(place, "suite.fcgi", { program, guest, options });
}

testRoute({
  name: "serveFastCgi started by lighttpd, bin-path",
  programs: ["lighttpd"],
  skip: BIN_PATH,
  async start(parts) {
    const path = await script(parts, { scriptName: "" });
    return startLighttpd({
      place: parts.place,
      modules: ["mod_fastcgi"],
      config: `
server.stream-response-body = 2
fastcgi.server = ( "/" => ((
  "bin-path" => "${path}", "socket" => "${parts.place.path("suite.sock")}",
  "max-procs" => 1, "check-local" => "disable" )) )`,
    });
  },
});

testRoute({
  name: "serveFastCgi started by Apache mod_fcgid",
  programs: ["apache2", apacheModule("fcgid")],
  skip: FCGID,
  async start(parts) {
    const { place } = parts;
    const path = await script(parts, { scriptName: "" });
    return startApache({
      place,
      modules: ["fcgid"],
      config: `
AllowEncodedSlashes NoDecode
FcgidIPCDir "${place.folder}"
FcgidProcessTableFile "${place.path("fcgid_shm")}"
FcgidMaxProcesses 1
FcgidMaxRequestLen 16777216
ScriptAlias "/" "${path}/"
<Directory "${place.folder}">
  Options +ExecCGI
  SetHandler fcgid-script
</Directory>
<Location "/">
  CGIPassAuth On
</Location>`,
    });
  },
});

testRoute({
  name: "serveFastCgi started by spawn-fcgi and multiwatch, behind nginx",
  programs: ["nginx", "spawn-fcgi", "multiwatch"],
  skip: MULTIWATCH,
  async start(parts) {
    const { place } = parts;
    const path = await script(parts, { scriptName: "" });
    const socket = place.path("suite.sock");
    const spawned = await startProgram({
      place,
      program: "spawn-fcgi",
      args: ["-n", "-s", socket, "-M", "0666", "--", pathOf("multiwatch"), "-f", "2", "--", path],
      accepts: [{ path: socket }],
    });
    parts.stopLater(() => spawned.stop());
    return startNginx({
      place,
      http: `upstream app { server unix:${socket}; keepalive 8; }`,
      server: `
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_keep_conn on;
      fastcgi_request_buffering off;
      fastcgi_buffering off;
      fastcgi_pass app;
    }`,
    });
  },
});
