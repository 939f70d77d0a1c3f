// lighttpd 1.4: https://redmine.lighttpd.net/projects/lighttpd/wiki/Docs_ModFastCGI

import type { Place } from "./place.ts";
import { freePort, startProgram, type RunningServer } from "./running-program.ts";

/** What lighttpd serves. */
export interface LighttpdOptions {
  readonly place: Place;
  readonly modules: readonly string[];
  /** The lines of the configuration. */
  readonly config: string;
}

/** Starts lighttpd on a free port of 127.0.0.1. */
export async function startLighttpd({ place, modules, config }: LighttpdOptions): Promise<RunningServer> {
  const port = await freePort();
  const file = place.write(
    "lighttpd.conf",
    `
server.document-root = "${place.folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.pid-file = "${place.path("lighttpd.pid")}"
server.errorlog = "${place.path("lighttpd-error.log")}"
server.breakagelog = "${place.path("lighttpd-stderr.log")}"
server.upload-dirs = ( "${place.folder}" )
server.max-request-field-size = 16384
# A response that was cut ends with its connection, which lighttpd keeps for this long.
server.max-keep-alive-idle = 1
server.modules = ( ${modules.map((name) => `"${name}"`).join(", ")} )
${config}
`,
  );
  const running = await startProgram({
    place,
    program: "lighttpd",
    args: ["-D", "-f", file],
    accepts: [{ host: "127.0.0.1", port }],
    logs: ["lighttpd-error.log", "lighttpd-stderr.log"],
  });
  return { port, log: () => running.log(), stop: () => running.stop() };
}
