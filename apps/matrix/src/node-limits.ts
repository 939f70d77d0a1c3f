// What no server on node:http can do, whoever stands behind it.

import { casesThatNeed, nodeParserSkips } from "@tsgi/testing";
import type { Skips } from "./pair.ts";

/** What Node's parser refuses, and that the servers of the matrix are plain. */
export const ON_NODE_HTTP: Skips = {
  ...casesThatNeed("tls", "The connection is plain"),
  ...nodeParserSkips,
};

/** What only a server of our own does. */
export const AS_LISTENER: Skips = {
  "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served":
    "node:http calls a listener for what is pipelined behind Connection: close, though the answer goes nowhere; serveNode does not",
};
