// The wire to an HTTP/1.1 server. Sockets are Node's, and come with the first connection: the suite runs in memory elsewhere.
// Source: RFC 9112.

import type { ConnectionOptions } from "node:tls";
import type { Wire } from "./wire.ts";

/** Where an HTTP/1.1 server is. */
export interface Http1WireOptions {
  /** Default: `"127.0.0.1"`. */
  readonly host?: string;
  readonly port: number;
  /** Options of `tls.connect`; without it the connection is plain. `{ ca }` is what a test server needs. Default: none. */
  readonly tls?: ConnectionOptions;
}

/** The wire to an HTTP/1.1 server. */
export function http1Wire(options: Http1WireOptions): Wire {
  const { host = "127.0.0.1", port, tls } = options;
  return {
    httpVersion: "1.1",
    scheme: tls === undefined ? "http" : "https",
    server: [host, port],
    open: async () => (await import("./http1-connection.ts")).openHttp1(options),
  };
}
