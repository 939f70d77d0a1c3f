// nginx, fastcgi_pass, and the raw listeners on the npm package node-fastcgi, which serves them as node:http would.
import fastcgi from "node-fastcgi";
import { listening, type Serve } from "../column.ts";
import { behindNginx } from "../nginx.ts";
import { listeners } from "./raw.ts";

export const serve: Serve = async (endpoint) => {
  const listener = listeners[endpoint];
  // Under the bench's load nginx answers 502 to some of its POSTs (2.0.0): there is no figure for it.
  if (listener === undefined || endpoint === "json") return null;
  const port = await listening(fastcgi.createServer(listener));
  return behindNginx(endpoint, { address: `127.0.0.1:${port}`, protocol: "fastcgi" });
};
