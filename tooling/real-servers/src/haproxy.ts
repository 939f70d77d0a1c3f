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
}

/** Starts HAProxy on a free port of 127.0.0.1. */
export async function startHaproxy({ place, backend, sections }: HaproxyOptions): Promise<RunningServer> {
  const port = await freePort();
  const file = place.write(
    "haproxy.cfg",
    `
global
    log stderr local0 info
defaults
    mode http
    log global
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
