// Management records: what a web server asks of the application itself.
// Source: FastCGI 1.0 §4 "Management Record Types".

import { latin1Decode } from "@tsgi/core";
import { GET_VALUES_RESULT, NULL_REQUEST_ID } from "./constants.ts";
import { decodePairs, encodePair } from "./pairs.ts";
import { encodeRecord } from "./record-writer.ts";
import type { FastCgiSettings } from "./serve-options.ts";

/**
 * Answers GET_VALUES: what was asked and is known, each once.
 *
 * @throws {@link GatewayError} `TSGI_ERR_FASTCGI_PAIRS`
 */
export function answerValues(question: Uint8Array, settings: FastCgiSettings): string {
  const asked = decodePairs(latin1Decode(question));
  const names = new Set(asked.filter((_, i) => i % 2 === 0));
  let answer = "";
  for (const name of names) {
    const value = valueOf(name, settings);
    if (value !== null) answer += encodePair(name, value);
  }
  return encodeRecord(GET_VALUES_RESULT, NULL_REQUEST_ID, answer);
}

/** Whether an answer to GET_VALUES says how many requests may be sent. */
export function tellsMaxRequests(answer: string): boolean {
  return answer.includes("FCGI_MAX_REQS");
}

function valueOf(name: string, settings: FastCgiSettings): string | null {
  const { maxConnections, maxRequests, maxRequestsPerConnection, multiplexing } = settings;
  switch (name) {
    case "FCGI_MAX_CONNS":
      return String(maxConnections);
    case "FCGI_MAX_REQS":
      return String(Math.min(maxRequests, maxRequestsPerConnection));
    case "FCGI_MPXS_CONNS":
      return multiplexing ? "1" : "0";
    default:
      return null;
  }
}
