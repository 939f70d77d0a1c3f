// Caddy 2: https://caddyserver.com/docs/caddyfile/directives/reverse_proxy#the-fastcgi-transport

import type { Place } from "./place.ts";
import { freePort, startProgram, type RunningServer } from "./running-program.ts";

/** What Caddy serves. */
export interface CaddyOptions {
  readonly place: Place;
  /** The lines of the site block. */
  readonly site: string;
}

/** Starts Caddy on a free port of 127.0.0.1. */
export async function startCaddy({ place, site }: CaddyOptions): Promise<RunningServer> {
  const port = await freePort();
  const file = place.write(
    "Caddyfile",
    `
{
	admin off
	auto_https off
	storage file_system ${place.path("caddy-storage")}
}
http://127.0.0.1:${port}, http://localhost:${port} {
	bind 127.0.0.1
${site}
}
`,
  );
  const running = await startProgram({
    place,
    program: "caddy",
    args: ["run", "--config", file, "--adapter", "caddyfile"],
    env: { XDG_DATA_HOME: place.folder, XDG_CONFIG_HOME: place.folder },
    accepts: [{ host: "127.0.0.1", port }],
  });
  return { port, log: () => running.log(), stop: () => running.stop() };
}
