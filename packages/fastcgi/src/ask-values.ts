// Asks an upstream what it can do, on a connection of its own: some never answer (libfcgi), some close it (PHP).
// Source: FastCGI 1.0 §4.1 "FCGI_GET_VALUES, FCGI_GET_VALUES_RESULT"; requirement FC5.

import { connect, type NetConnectOpts } from "node:net";
import { latin1Decode } from "@tsgi/core";
import { GET_VALUES, GET_VALUES_RESULT, NULL_REQUEST_ID } from "./constants.ts";
import { decodePairs, encodePair } from "./pairs.ts";
import { RecordReader } from "./record-reader.ts";
import { encodeRecord } from "./record-writer.ts";

/** What an upstream says of itself. */
export interface UpstreamValues {
  /** FCGI_MPXS_CONNS: whether several requests may be on one connection at once. */
  readonly multiplexes: boolean;
  /** FCGI_MAX_CONNS; Infinity if it does not say. */
  readonly maxConns: number;
  /** FCGI_MAX_REQS; Infinity if it does not say. */
  readonly maxRequests: number;
}

const NAMES = ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"];

/** What is believed of one that does not answer. */
const SILENT: UpstreamValues = { multiplexes: false, maxConns: Infinity, maxRequests: Infinity };

/** Resolves, and never rejects: no answer in time, or a wrong one, means an upstream that can do nothing special. */
export function askValues(where: NetConnectOpts, timeout: number): Promise<UpstreamValues> {
  return new Promise((resolve) => {
    const socket = connect(where);
    let answer = "";
    const settle = (values: UpstreamValues): void => {
      socket.destroy();
      resolve(values);
    };
    const reader = new RecordReader({
      record(type, id, length, offset, bytes, start, end) {
        // UNKNOWN_TYPE, or anything else but the answer, is a no.
        if (type !== GET_VALUES_RESULT || id !== NULL_REQUEST_ID) return settle(SILENT);
        answer += latin1Decode(bytes.subarray(start, end));
        if (offset + end - start === length) settle(valuesOf(answer));
      },
    });
    socket.setTimeout(timeout, () => settle(SILENT));
    socket.on("data", (chunk) => {
      if (!reader.push(chunk)) settle(SILENT);
    });
    for (const event of ["error", "end", "close"]) socket.on(event, () => settle(SILENT));
    const question = NAMES.map((name) => encodePair(name, "")).join("");
    socket.write(encodeRecord(GET_VALUES, NULL_REQUEST_ID, question), "latin1");
    socket.unref();
  });
}

function valuesOf(answer: string): UpstreamValues {
  const values = new Map<string, string>();
  try {
    const pairs = decodePairs(answer);
    for (let i = 0; i < pairs.length; i += 2) values.set(pairs[i] as string, pairs[i + 1] as string);
  } catch {
    return SILENT;
  }
  return {
    multiplexes: values.get("FCGI_MPXS_CONNS") === "1",
    maxConns: limitOf(values.get("FCGI_MAX_CONNS")),
    maxRequests: limitOf(values.get("FCGI_MAX_REQS")),
  };
}

function limitOf(text: string | undefined): number {
  const limit = /^\d{1,9}$/.test(text ?? "") ? Number(text) : 0;
  return limit > 0 ? limit : Infinity;
}
