// Apache httpd with the modules of Debian, each by its name.
// Source: https://httpd.apache.org/docs/2.4/mod/

import type { Place } from "./place.ts";
import { freePort, startProgram, type RunningServer } from "./running-program.ts";

const MODULES = "/usr/lib/apache2/modules";
const ALWAYS: readonly string[] = ["authz_core", "authn_core", "alias", "mime", "env", "setenvif"];

const WORKERS = {
  event: "StartServers 1\nServerLimit 1\nThreadLimit 400\nThreadsPerChild 400\nMaxRequestWorkers 400",
  prefork: "StartServers 4\nMaxRequestWorkers 16",
};

/** What Apache serves. */
export interface ApacheOptions {
  readonly place: Place;
  /** Modules besides the ones every configuration has: `"proxy_fcgi"`. */
  readonly modules: readonly string[];
  /** How it serves several requests at once: by threads, or by a process for each. Default: `"event"`. */
  readonly mpm?: "event" | "prefork";
  /** The lines of the main server. */
  readonly config: string;
}

/** The file of a module, which `describeWith` can look for. */
export function apacheModule(name: string): string {
  return `${MODULES}/mod_${name}.so`;
}

/** Starts Apache on a free port of 127.0.0.1. */
export async function startApache({
  place,
  modules,
  mpm = "event",
  config,
}: ApacheOptions): Promise<RunningServer> {
  const port = await freePort();
  const load = [`mpm_${mpm}`, ...ALWAYS, ...modules].map(
    (name) => `LoadModule ${name}_module ${apacheModule(name)}`,
  );
  const file = place.write(
    "httpd.conf",
    `
ServerRoot "${place.folder}"
DefaultRuntimeDir "${place.folder}"
PidFile "${place.path("httpd.pid")}"
ServerName localhost
Listen 127.0.0.1:${port}
ErrorLog "${place.path("apache-error.log")}"
LogLevel info
${load.join("\n")}
TypesConfig /etc/mime.types
${WORKERS[mpm]}
LimitRequestFieldSize 16380
GracefulShutdownTimeout 1
# A response that was cut ends with its connection, which Apache keeps for this long.
KeepAliveTimeout 1
MaxKeepAliveRequests 0
DocumentRoot "${place.folder}"
<Directory "${place.folder}">
  Require all granted
</Directory>
${config}
`,
  );
  const running = await startProgram({
    place,
    program: "apache2",
    args: ["-d", place.folder, "-f", file, "-DFOREGROUND"],
    accepts: [{ host: "127.0.0.1", port }],
    logs: ["apache-error.log"],
  });
  return { port, log: () => running.log(), stop: () => running.stop() };
}
