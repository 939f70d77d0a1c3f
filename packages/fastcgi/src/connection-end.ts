// How a connection ends: the web server can tell which responses are whole, and has no further request sent to it.
// Sources: FastCGI 1.0 §3.5, §4.1, §5.5; requirements F9, F46, F64.

import { GET_VALUES_RESULT, NULL_REQUEST_ID } from "./constants.ts";
import { encodePair } from "./pairs.ts";
import type { RecordSocket } from "./record-socket.ts";
import { NO_RECORD, encodeRecord } from "./record-writer.ts";

/** What no further request is wanted with. */
const NO_MORE_REQUESTS = encodeRecord(GET_VALUES_RESULT, NULL_REQUEST_ID, encodePair("FCGI_MAX_REQS", "0"));

/** How long a request may be under way that was sent before it was known that none is wanted, in milliseconds. */
const UNDER_WAY_MS = 50;

/** How long a connection that was made just before the end may take to bring its first request, in milliseconds. */
const FIRST_REQUEST_MS = 500;

/** The most that is kept of what is said for the log of the web server, in octets; the log of this process has all of it. */
const MOST_LAST_WORDS = 64 * 1024;

/** What a connection has to say at its end. */
export class ConnectionEnd {
  /** Whether the web server has asked for FCGI_MAX_REQS: it is told when no further request is wanted. */
  asked = false;
  /** Whether the server is ending, and what was on its way is still taken. */
  takesLast = false;
  readonly #out: RecordSocket;
  /** The ids of responses that were left without an end while others were at work. */
  readonly #leftOff = new Set<number>();
  #lastWords = "";
  #saidNoMore = false;
  /** When all requests have come that were under way then, by `performance.now()`. */
  #quietFrom = 0;
  #waits = false;

  constructor(out: RecordSocket) {
    this.#out = out;
  }

  /** Whether a response was left without an end. */
  get breaks(): boolean {
    return this.#leftOff.size > 0;
  }

  /** Whether the response of this id was. */
  isLeftOff(id: number): boolean {
    return this.#leftOff.has(id);
  }

  /** Leaves a response without an end. The records are kept for the end of the connection. */
  leaveOff(id: number, records: string): void {
    this.#leftOff.add(id);
    if (this.#lastWords.length + records.length <= MOST_LAST_WORDS) this.#lastWords += records;
  }

  /**
   * Says that no further request is wanted, to a web server that has asked. HAProxy uses a connection until the last of its clients has
   * gone, even one that was closed at this end: whoever comes to it then is answered 502.
   */
  wantNoMore(): void {
    if (!this.asked || this.#saidNoMore) return;
    this.#saidNoMore = true;
    this.#quietFrom = performance.now() + UNDER_WAY_MS;
    this.#out.write(NO_MORE_REQUESTS);
  }

  /**
   * The server is ending: requests that are under way are taken. To a web server that has not asked there is no telling, and what counts
   * is what the system has of it by now, which is read in the turn after this one.
   *
   * @param used - Whether anything was ever read of it: else its first request may come.
   */
  lastCall(used: boolean, over: () => void): void {
    this.wantNoMore();
    this.takesLast = used;
    const done = (): void => {
      this.takesLast = false;
      over();
    };
    if (!used) setTimeout(done, FIRST_REQUEST_MS).unref();
    else if (this.asked) setTimeout(done, UNDER_WAY_MS).unref();
    else setImmediate(() => setImmediate(done));
  }

  /** Calls when no request can be under way any more, which may be at once. */
  whenQuiet(quiet: () => void): void {
    const wait = this.#quietFrom - performance.now();
    if (wait <= 0) return quiet();
    if (this.#waits) return;
    this.#waits = true;
    setTimeout(() => {
      this.#waits = false;
      quiet();
    }, wait).unref();
  }

  /** Closes the connection; one with a response that was left off is broken off. */
  close(): void {
    this.wantNoMore();
    if (this.breaks) this.#out.write(this.#lastWords + NO_RECORD);
    this.#out.close();
  }
}
