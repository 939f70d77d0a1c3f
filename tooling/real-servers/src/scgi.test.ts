// The conformance suite through nginx, which speaks SCGI to the app.

import { serveScgi, type ScgiOptions, type ScgiServer } from "@tsgi/fastcgi";
import { asyncGuest, syncGuest } from "./guests/plain.ts";
import { startNginx } from "./nginx.ts";
import { testRoute, type RouteParts } from "./route.ts";
import { NGINX_SCGI } from "./scgi-skips.ts";

async function serve(parts: RouteParts, options: ScgiOptions): Promise<ScgiServer["address"]> {
  const { app, log, stopLater } = parts;
  const server = await serveScgi(app, { log, shutdownTimeout: 0, scriptName: "", ...options });
  stopLater(() => server.close());
  return server.address;
}

async function onUnixSocket(parts: RouteParts): Promise<string> {
  const path = parts.place.path("scgi.sock");
  await serve(parts, { path, mode: 0o666 });
  return path;
}

testRoute({
  name: "serveScgi behind nginx, unix socket",
  programs: ["nginx"],
  guests: [asyncGuest, syncGuest],
  skip: NGINX_SCGI,
  async start(parts) {
    const path = await onUnixSocket(parts);
    return startNginx({
      place: parts.place,
      http: "scgi_buffer_size 16k; scgi_buffers 8 16k;",
      server: `
    location / {
      include /etc/nginx/scgi_params;
      scgi_pass unix:${path};
    }`,
    });
  },
});
