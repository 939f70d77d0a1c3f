// A million streams that make no sense, or hardly any: nothing is thrown, and how they are cut makes no difference.
// More of them: TSGI_FUZZ_STREAMS=100000000 npx vitest run packages/fastcgi/src/fuzz.test.ts. A run again: TSGI_FUZZ_SEED, as it was printed.

import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { GatewayError, type AsgiApp } from "@tsgi/core";
import { expect, test } from "vitest";
import { FastCgiConnection } from "./connection.ts";
import { AUTHORIZER, BEGIN_REQUEST, END_REQUEST, FILTER, GET_VALUES } from "./constants.ts";
import { Chance, cut, oddStream } from "./fuzz.test-support.ts";
import { decodePairs, encodePair } from "./pairs.ts";
import { GET, POST, abort, begin, data, pairsOf, params, request, stdin } from "./raw-client.test-support.ts";
import { RecordReader } from "./record-reader.ts";
import { RecordList, joinBytes, rawRecord } from "./record.test-support.ts";
import { fastCgiSettings } from "./serve-options.ts";

const STREAMS = Number(process.env["TSGI_FUZZ_STREAMS"] ?? 1_000_000);
const SEED = Number(process.env["TSGI_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** What the parts cost differs: most of the streams go to the codec alone. */
const CONNECTIONS = Math.floor(STREAMS / 10);
const CODEC = STREAMS - CONNECTIONS;
const TIME = 60_000 + STREAMS / 10;

const PLAIN = pairsOf({ ...GET, HTTP_COOKIE: "a=1", EMPTY: "" });
const SENSIBLE: readonly Uint8Array[] = [
  request(),
  request({ ...POST, CONTENT_LENGTH: "5" }, 1, "hello", 0),
  joinBytes(begin(1), begin(2), params(GET, 2), params(POST, 1), stdin("x", 1), abort(1), stdin("", 2)),
  joinBytes(
    request(),
    request(),
    rawRecord(GET_VALUES, 0, pairsOf({ FCGI_MPXS_CONNS: "" })),
    request(GET, 3),
  ),
  joinBytes(begin(1, 1, FILTER), params({ ...POST, FCGI_DATA_LENGTH: "3" }), stdin(), data("abc"), data()),
  joinBytes(begin(1, 1, AUTHORIZER), params(), stdin(), rawRecord(99, 0, "x", { padding: 3 })),
  joinBytes(begin(7), rawRecord(4, 7, PLAIN.slice(0, 50)), rawRecord(4, 7, PLAIN.slice(50)), rawRecord(4, 7)),
];

/** Says which seed it was: it is all that is needed to see the same again. */
function seeded(work: (chance: Chance) => void): void {
  try {
    work(new Chance(SEED));
  } catch (error) {
    throw new Error(`TSGI_FUZZ_SEED=${SEED} shows this again`, { cause: error });
  }
}

test(
  `records and pairs of ${CODEC} odd streams are read without an error of another kind [S13 F1 F27]`,
  () => {
    seeded((chance) => {
      let octets = 0;
      let pushed = 0;
      const count = {
        record(
          _type: number,
          _id: number,
          length: number,
          offset: number,
          _bytes: Uint8Array,
          start: number,
          end: number,
        ) {
          if (end < start || offset + end - start > length)
            throw new Error("More content than the header says");
          octets += end - start;
        },
      };
      for (let i = 0; i < CODEC; i += 1) {
        const stream = oddStream(chance, SENSIBLE);
        const reader = new RecordReader(count);
        pushed += stream.length;
        for (const piece of cut(chance, stream)) if (!reader.push(piece)) break;
        if (octets > pushed) throw new Error("More content than octets");
        if (i % 4 === 0) readPairs(chance, stream);
      }
    });
  },
  TIME,
);

/** Reads pairs from a place where there may be some, or none: either all of it is pairs, or the error has a code. */
function readPairs(chance: Chance, stream: Uint8Array): void {
  const octets = Buffer.from(stream).toString(
    "latin1",
    chance.below(2) === 0 ? 24 : chance.below(stream.length + 1),
  );
  let pairs: string[];
  try {
    pairs = decodePairs(octets, 20);
  } catch (error) {
    if (error instanceof GatewayError && error.code.startsWith("TSGI_ERR_FASTCGI_")) return;
    throw error;
  }
  let again = "";
  for (let i = 0; i < pairs.length; i += 2) again += encodePair(pairs[i] as string, pairs[i + 1] as string);
  // A length may have been written longer than need be.
  if (again.length > octets.length) throw new Error("There is more in the pairs than in the stream");
}

/** What stands in for a socket: keeps what is written. */
class Sink extends EventEmitter {
  readonly written: (Uint8Array | string)[] = [];
  readonly bytesRead = 1;
  readonly writableNeedDrain = false;
  readonly writableFinished = false;
  destroyed = false;

  write(piece: Uint8Array | string): boolean {
    this.written.push(piece);
    return true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  cork(): void {}
  uncork(): void {}
  end(): void {}
  pause(): void {}
  resume(): void {}
}

/** Answers in the same turn, so that nothing of an answer depends on how the request was cut. */
const app: AsgiApp = (_scope, _receive, send) => {
  void send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
  void send({ type: "http.response.body", body: "hello" });
};

const options = { authorizer: app, filter: app, abortTimeout: 0, stderr: false, log: () => {} };
const load = { settings: fastCgiSettings(app, options, {}), requests: 0, draining: false };

/** What a connection answers to a stream, and how it ends. */
function answerTo(pieces: readonly Uint8Array[]): string {
  const sink = new Sink();
  const connection = new FastCgiConnection(sink as unknown as Socket, load);
  for (const piece of pieces) {
    if (!sink.destroyed) sink.emit("data", Buffer.from(piece));
  }
  const written = sink.written.map((piece) =>
    typeof piece === "string" ? piece : Buffer.from(piece).toString("latin1"),
  );
  const { destroyed } = sink;
  connection.cut();
  return `${destroyed ? "closed" : "open"} ${written.join("")}`;
}

test(
  `connections answer ${CONNECTIONS} odd streams with records, the same however they are cut, and nothing is left [S13 F13 F45]`,
  () => {
    seeded((chance) => {
      for (let i = 0; i < CONNECTIONS; i += 1) {
        const stream = oddStream(chance, SENSIBLE);
        const whole = answerTo([stream]);
        if (i % 2 === 0) expect(answerTo(cut(chance, stream))).toBe(whole);
        if (i % 16 === 0) checkRecords(stream, whole.slice(whole.indexOf(" ") + 1));
      }
      expect([load.requests, load.settings.activity.running]).toEqual([0, 0]);
    });
  },
  TIME,
);

/** Whole records, and no more requests ended than were begun. */
function checkRecords(stream: Uint8Array, written: string): void {
  const [asked, answered] = [new RecordList(), new RecordList()];
  asked.reader.push(stream);
  if (!answered.reader.push(Buffer.from(written, "latin1"))) throw new Error("The answer is not FastCGI");
  if (!answered.reader.atBoundary) throw new Error("The answer breaks off");
  const [begun, ended] = [asked, answered].map((list, i) =>
    list.records.filter(({ type }) => type === [BEGIN_REQUEST, END_REQUEST][i]),
  );
  if ((ended?.length ?? 0) > (begun?.length ?? 0)) throw new Error("More requests ended than were begun");
}
