// HAProxy with fcgi-app: https://docs.haproxy.org/2.6/configuration.html#10

import type { Place } from "./place.ts";
import { freePort, startProgram, type RunningServer } from "./running-program.ts";

/** What HAProxy serves. */
export interface HaproxyOptions {
  readonly place: Place;
  /** The lines of the backend: `use-fcgi-app` and its servers. */
  readonly backend: string;
  /** Further sections: `fcgi-app`. */
  readonly sections: string;
  /** How many threads it has: each keeps its connections for itself. Default: as many as there are cores. */
  readonly threads?: number;
}

/** Starts HAProxy on a free port of 127.0.0.1. */
export async function startHaproxy(options: HaproxyOptions): Promise<RunningServer> {
  const { place, backend, sections, threads } = options;
  const port = await freePort();
  const file = place.write(
    "haproxy.cfg",
    `
global
    log stderr local0 info
    ${threads === undefined ? "" : `nbthread ${threads}`}
defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend web
    bind 127.0.0.1:${port}
    default_backend app
backend app
${backend}
${sections}
`,
  );
  const running = await startProgram({
    place,
    program: "haproxy",
    args: ["-db", "-f", file],
    accepts: [{ host: "127.0.0.1", port }],
  });
  return { port, log: () => running.log(), stop: () => running.stop() };
}

/** Starts it with an app on a unix socket, for which all clients share one connection. */
export function startMultiplexing(place: Place, path: string): Promise<RunningServer> {
  return startHaproxy({
    place,
    threads: 1,
    backend: `
    option http-no-delay
    http-reuse always
    use-fcgi-app app
    server app unix@${path} proto fcgi`,
    sections: `
fcgi-app app
    docroot ${place.folder}
    pass-header Authorization
    option keep-conn
    option get-values
    option mpxs-conns`,
  });
}
