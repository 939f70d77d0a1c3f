// The conformance suite through HAProxy, which asks for GET_VALUES, keeps connections and carries several requests over one.

import { onUnixSocket } from "./fastcgi-here.ts";
import { HAPROXY, MULTIPLEXED } from "./haproxy-skips.ts";
import { startHaproxy, startMultiplexing } from "./haproxy.ts";
import { testRoute, unlessAll } from "./route.ts";

testRoute({
  name: "serveFastCgi behind HAProxy",
  programs: ["haproxy"],
  skip: HAPROXY,
  async start(parts) {
    const path = await onUnixSocket(parts, { scriptName: "" });
    return startHaproxy({
      place: parts.place,
      backend: `
    option abortonclose
    option http-no-delay
    use-fcgi-app app
    server app unix@${path} proto fcgi`,
      sections: `
fcgi-app app
    docroot ${parts.place.folder}
    pass-header Authorization
    option keep-conn
    option get-values`,
    });
  },
});

testRoute({
  name: "serveFastCgi behind HAProxy, multiplexed",
  programs: ["haproxy"],
  only: unlessAll(/^(?:sync )?(?:paths|request bodies|response bodies|response heads|errors|streaming): /),
  skip: MULTIPLEXED,
  async start(parts) {
    return startMultiplexing(parts.place, await onUnixSocket(parts, { scriptName: "" }));
  },
});
