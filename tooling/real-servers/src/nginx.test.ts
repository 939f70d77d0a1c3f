// The conformance suite through nginx: the client speaks HTTP/1.1 to it, and it speaks FastCGI to the app.

import { asyncGuest, syncGuest } from "./guests/plain.ts";
import { onTcp, onUnixSocket } from "./fastcgi-here.ts";
import { BUFFERED, NGINX, UNBUFFERED } from "./nginx-skips.ts";
import { startNginx } from "./nginx.ts";
import { testRoute } from "./route.ts";

testRoute({
  name: "serveFastCgi behind nginx, unix socket",
  programs: ["nginx"],
  guests: [asyncGuest, syncGuest],
  skip: { ...NGINX, ...BUFFERED },
  async start(parts) {
    const path = await onUnixSocket(parts, { scriptName: "" });
    return startNginx({
      place: parts.place,
      server: `
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_pass unix:${path};
    }`,
    });
  },
});

testRoute({
  name: "serveFastCgi behind nginx, TCP, connections kept, nothing buffered",
  programs: ["nginx"],
  frameworks: /./,
  skip: { ...NGINX, ...UNBUFFERED },
  async start(parts) {
    const port = await onTcp(parts, { scriptName: "" });
    return startNginx({
      place: parts.place,
      http: `upstream app { server 127.0.0.1:${port}; keepalive 8; }`,
      server: `
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_keep_conn on;
      fastcgi_request_buffering off;
      fastcgi_buffering off;
      fastcgi_pass app;
    }`,
    });
  },
});

testRoute({
  name: "serveFastCgi behind nginx, below a prefix",
  programs: ["nginx"],
  guests: [asyncGuest, syncGuest],
  only: ({ name }) => /^(?:sync )?(?:paths|environ|methods):/.test(name),
  skip: NGINX,
  rootPath: "/the mount",
  async start(parts) {
    const path = await onUnixSocket(parts);
    return startNginx({
      place: parts.place,
      server: `
    location "/the mount/" {
      include /etc/nginx/fastcgi_params;
      fastcgi_split_path_info "^(/the mount)(/.*)$";
      fastcgi_param SCRIPT_NAME $fastcgi_script_name;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_pass unix:${path};
    }`,
    });
  },
});
