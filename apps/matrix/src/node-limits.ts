// What no server on node:http can do, whoever stands behind it.

import { casesNamed, casesThatNeed } from "@tsgi/testing";
import type { Skips } from "./pair.ts";

/** What Node's parser refuses, and that the servers of the matrix are plain. */
export const ON_NODE_HTTP: Skips = {
  ...casesThatNeed("tls", "The connection is plain"),
  ...casesNamed(
    "Node's parser answers 400 to an octet above 0x7F in a target",
    "paths: raw UTF-8 octets are taken as they are",
    "paths: a raw octet that is not UTF-8 is kept in PATH_INFO and raw_path",
  ),
  ...casesNamed(
    "Node's parser answers 400 to a method it does not know",
    "methods: UNHEARD-OF reaches the app in upper case",
  ),
};

/** What only a server of our own does. */
export const AS_LISTENER: Skips = {
  "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served":
    "node:http calls a listener for what is pipelined behind Connection: close, though the answer goes nowhere; serveNode does not",
};
