// The wire to an HTTP/2 server. Its client is Node's, and comes with the first connection: the suite runs in memory elsewhere.
// Source: RFC 9113 §8.

import type { SecureClientSessionOptions } from "node:http2";
import type { Wire } from "./wire.ts";

/** Where an HTTP/2 server is. */
export interface Http2WireOptions {
  /** Default: `"127.0.0.1"`. */
  readonly host?: string;
  readonly port: number;
  /** Options of the TLS connection (`{ ca }` is what a test server needs); without it, h2c with prior knowledge. Default: none. */
  readonly tls?: SecureClientSessionOptions;
}

/** The wire to an HTTP/2 server. */
export function http2Wire(options: Http2WireOptions): Wire {
  const { host = "127.0.0.1", port, tls } = options;
  return {
    httpVersion: "2",
    scheme: tls === undefined ? "http" : "https",
    server: [host, port],
    open: async () => (await import("./http2-connection.ts")).openHttp2(options),
  };
}
