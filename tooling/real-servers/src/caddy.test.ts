// The conformance suite through Caddy.

import { startCaddy } from "./caddy.ts";
import { CADDY } from "./caddy-skips.ts";
import { onUnixSocket } from "./fastcgi-here.ts";
import { testRoute } from "./route.ts";

testRoute({
  name: "serveFastCgi behind Caddy",
  programs: ["caddy"],
  skip: CADDY,
  async start(parts) {
    const path = await onUnixSocket(parts, { scriptName: "" });
    return startCaddy({
      place: parts.place,
      site: `
	reverse_proxy unix/${path} {
		flush_interval -1
		transport fastcgi
	}`,
    });
  },
});
