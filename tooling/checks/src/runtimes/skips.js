// What a runtime cannot do, by the name of the case, and why: its own server stands between the octets and the Request.

import { casesThatNeed } from "@tsgi/testing";

/**
 * The cases that a runtime does not run over a socket.
 *
 * @param {string} runtime
 * @param {string} suite - "toFetch" or "toHono".
 * @returns {Record<string, string>}
 */
export function skipsOf(runtime, suite) {
  void runtime;
  void suite;
  return {
    ...casesThatNeed("tls", "The connection is plain"),
  };
}
