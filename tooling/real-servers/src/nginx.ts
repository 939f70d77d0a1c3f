// nginx, with the configuration a user would write: https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html

import type { Place } from "./place.ts";
import { freePort, startProgram, type RunningServer } from "./running-program.ts";

/** What nginx serves. */
export interface NginxOptions {
  readonly place: Place;
  /** The lines of the `server` block: its locations. */
  readonly server: string;
  /** Lines of the `http` block: upstreams. Default: none. */
  readonly http?: string;
}

/** Starts nginx on a free port of 127.0.0.1. */
export async function startNginx({ place, server, http = "" }: NginxOptions): Promise<RunningServer> {
  const port = await freePort();
  const at = (name: string): string => place.path(name);
  const config = place.write(
    "nginx.conf",
    `
daemon off;
worker_processes 1;
pid ${at("nginx.pid")};
error_log ${at("nginx-error.log")} info;
events { worker_connections 1024; }
http {
  access_log off;
  # The suite asks more often over one connection, and sends more, than nginx allows by default.
  keepalive_requests 10000;
  client_max_body_size 16m;
  large_client_header_buffers 4 16k;
  fastcgi_buffer_size 16k;
  fastcgi_buffers 8 16k;
  client_body_temp_path ${at("nginx-body")};
  proxy_temp_path ${at("nginx-proxy")};
  fastcgi_temp_path ${at("nginx-fastcgi")};
  uwsgi_temp_path ${at("nginx-uwsgi")};
  scgi_temp_path ${at("nginx-scgi")};
  ${http}
  server {
    listen 127.0.0.1:${port};
    server_name 127.0.0.1;
    ${server}
  }
}
`,
  );
  const running = await startProgram({
    place,
    program: "nginx",
    args: ["-e", at("nginx-error.log"), "-p", place.folder, "-c", config],
    accepts: [{ host: "127.0.0.1", port }],
    logs: ["nginx-error.log"],
  });
  return { port, log: () => running.log(), stop: () => running.stop() };
}
