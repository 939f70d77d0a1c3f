// The conformance suite through lighttpd: by mod_fastcgi to a socket of ours and to a process it starts, and by mod_cgi.

import { onUnixSocket } from "./fastcgi-here.ts";
import { LIGHTTPD } from "./lighttpd-skips.ts";
import { startLighttpd } from "./lighttpd.ts";
import { testRoute } from "./route.ts";

testRoute({
  name: "serveFastCgi behind lighttpd, unix socket",
  programs: ["lighttpd"],
  skip: LIGHTTPD,
  async start(parts) {
    const path = await onUnixSocket(parts, { scriptName: "" });
    return startLighttpd({
      place: parts.place,
      modules: ["mod_fastcgi"],
      config: `
server.stream-response-body = 2
fastcgi.server = ( "/" => (( "socket" => "${path}", "check-local" => "disable" )) )`,
    });
  },
});
