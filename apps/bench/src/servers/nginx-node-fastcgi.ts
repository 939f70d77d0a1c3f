// nginx, fastcgi_pass, and the raw listeners on the npm package node-fastcgi, which serves them as node:http would.
import fastcgi from "node-fastcgi";
import { listening, type Serve } from "../column.ts";
import { behindNginx } from "../nginx.ts";
import { listeners } from "./raw.ts";

export const serve: Serve = async (endpoint) => {
  const listener = listeners[endpoint];
  if (listener === undefined) return null;
  const port = await listening(fastcgi.createServer(listener));
  return behindNginx(endpoint, { address: `127.0.0.1:${port}`, protocol: "fastcgi" });
};
