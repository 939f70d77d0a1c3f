// Node: serveNode as a host, over HTTP/1.1 and HTTP/2, and a (req, res) listener as a guest.

import { readFileSync } from "node:fs";
import { fromNode, serveNode, toNode, type ServeOptions } from "@tsgi/node";
import { casesNamed, casesThatNeed, http1Wire, http2Wire, type Wire } from "@tsgi/testing";
import { ON_NODE_HTTP } from "./node-limits.ts";
import type { Guest, Host, Skips } from "./pair.ts";

const pem = (name: string): string =>
  readFileSync(new URL(`../../../packages/node/src/fixtures/${name}.pem`, import.meta.url), "utf8");

function served(options: ServeOptions, wire: (port: number) => Wire): Pick<Host, "serve"> {
  return {
    async serve(app, log) {
      const server = await serveNode(app, { port: 0, shutdownTimeout: 0, log, ...options });
      return { wire: wire(server.address?.[1] ?? 0), close: async () => void (await server.close()) };
    },
  };
}

/** `serveNode`, as it is. */
export const nodeHttp1: Host = {
  name: "node h1",
  native: true,
  http: "1.1",
  front: [],
  skip: () => ON_NODE_HTTP,
  ...served({}, (port) => http1Wire({ port })),
};

/** `serveNode` with TLS and HTTP/2. */
export const nodeHttp2: Host = {
  name: "node h2",
  native: false,
  http: "2",
  front: [],
  skip: () => ({
    ...casesThatNeed("octets", "HTTP/2 has frames instead of the octets of HTTP/1.1"),
    ...casesThatNeed("HTTP/1.1", "HTTP/2 has no reason phrases, chunks or case of names"),
    ...casesNamed(
      "node:http2 sends no status above 599: the client gets 500, and the log a warning",
      "response heads: status 600 arrives",
      "response heads: status 799 arrives",
      "response heads: status 999 arrives",
    ),
  }),
  ...served({ http2: true, tls: { cert: pem("server-cert"), key: pem("server-key") } }, (port) =>
    http2Wire({ port, tls: { ca: pem("ca-cert"), servername: "localhost" } }),
  ),
};

/** What a `(req, res)` listener cannot do, on this host. */
export function listenerSkips(host: Host): Skips {
  return {
    ...onlyHttp1(host),
    ...casesThatNeed("lifespan", "A (req, res) listener is not told that its server starts or stops"),
  };
}

/** What any guest that speaks node:http cannot do, on this host. */
export function onlyHttp1({ http }: Host): Skips {
  if (http !== "2") return {};
  return casesNamed(
    "node:http, which its guests speak, knows HTTP/1 only",
    "scope: http_version is the client's",
    "sync environ: SERVER_PROTOCOL is the client's version",
  );
}

/** The app as a listener, as a guest. */
export const nodeGuest: Guest = {
  name: "node listener",
  speaks: "node",
  runs: null,
  front: [],
  skip: listenerSkips,
  of: (app, log) => fromNode(toNode(app, { log })),
};
