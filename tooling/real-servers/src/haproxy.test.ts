// The conformance suite through HAProxy, which asks for GET_VALUES, keeps connections and carries several requests over one.

import { onUnixSocket } from "./fastcgi-here.ts";
import { HAPROXY } from "./haproxy-skips.ts";
import { startHaproxy } from "./haproxy.ts";
import { testRoute } from "./route.ts";

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
