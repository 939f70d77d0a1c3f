// The conformance suite through Apache: by mod_proxy_fcgi to a socket of ours, by mod_fcgid to a process it starts, by mod_cgid.

import { apacheModule, startApache } from "./apache.ts";
import { PROXY_FCGI } from "./apache-skips.ts";
import { onUnixSocket } from "./fastcgi-here.ts";
import { testRoute } from "./route.ts";

testRoute({
  name: "serveFastCgi behind Apache mod_proxy_fcgi",
  programs: ["apache2", apacheModule("proxy_fcgi")],
  skip: PROXY_FCGI,
  async start(parts) {
    const path = await onUnixSocket(parts, { scriptName: "" });
    return startApache({
      place: parts.place,
      modules: ["proxy", "proxy_fcgi"],
      config: `
AllowEncodedSlashes NoDecode
ProxyPass "/" "unix:${path}|fcgi://app/" enablereuse=on flushpackets=on
<Location "/">
  CGIPassAuth On
</Location>`,
    });
  },
});
