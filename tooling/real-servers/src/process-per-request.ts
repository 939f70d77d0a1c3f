// The wire to an app that has a process for each request: what one process knows, no other does, so nobody is asked.

import {
  cases,
  casesNamed,
  casesThatNeed,
  http1Wire,
  type Wire,
  type WireExchange,
  type WireHead,
} from "@tsgi/testing";
import { type Skips } from "./skips.ts";

/** The header by which the suite's client asks the app what it noticed. */
const ASK = "x-tsgi-ask";
/** What a process that was started for the question would answer. */
const NOTHING = '{"notes":[],"failures":[],"calls":0}';

/** What a process for each request rules out. */
export const ONE_PROCESS_EACH: Skips = {
  ...casesThatNeed("memory", "Each request has a process of its own"),
  ...casesNamed(
    "Each request has a process of its own",
    "scope: state has what startup left, and shares its objects",
    "keep-alive: 1000 requests on one connection are answered in order, and no listener is left behind",
  ),
  ...casesNamed(
    "The variables of an environment have no order",
    "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived",
  ),
  ...casesThatNeed("log", "The program's log is its standard error, which is the web server's"),
};

/** What a web server cannot tell from a whole response, unless it asks how the program ended. */
export const ENDS_ALIKE: Skips = casesNamed(
  "The end of a program's output is the end of its response, and nothing says that more was to come",
  "errors: a throw after the first piece cuts the response",
  "errors: a return before the last piece cuts the response",
);

/** The cases a framework runs by default where each takes a process: a choice of everything it has a part in. */
export const A_PROCESS_EACH: ReadonlySet<string> = known(
  "methods: GET reaches the app in upper case",
  "methods: POST reaches the app in upper case",
  "methods: PUT reaches the app in upper case",
  "methods: OPTIONS reaches the app in upper case",
  "methods: HEAD reaches the app as HEAD",
  "paths: percent-encoded UTF-8 is decoded",
  "paths: a doubly encoded slash is decoded once",
  "paths: an encoded slash becomes a slash, and stays encoded in raw_path",
  "paths: the query is what follows the first question mark, still encoded",
  "request headers: a value arrives as it was sent",
  "request headers: octets above 0x7F arrive one by one",
  "request headers: Authorization is given to the app, and absent without one",
  "request headers: sixty different headers all arrive",
  "scope: the app is called once for a request",
  "scope: client and server are the two ends of the connection",
  "scope: http_version of an HTTP/1.0 request is 1.0",
  "request bodies: a POST without a body has an empty one",
  "request bodies: a body of announced length arrives",
  "request bodies: all 256 octets arrive",
  "request bodies: 1 MiB of noise arrives octet by octet",
  "request bodies: 1 MiB of noise of unknown length arrives octet by octet",
  "request bodies: a body the app does not read is no part of the next request",
  "response heads: status 302 arrives",
  "response heads: status 404 arrives",
  "response heads: status 503 arrives",
  "response heads: every Set-Cookie is a field of its own",
  "response heads: octets above 0x7F arrive one by one",
  "response heads: fields of the connection are not taken from the app, and one framing is left",
  "response bodies: a string beyond ASCII, as UTF-8 arrives",
  "response bodies: all 256 octets arrives",
  "response bodies: what looks like a head arrives",
  "response bodies: 1 MiB of noise in pieces arrives",
  "response bodies: 1 MiB of noise at once arrives",
  "response bodies: HEAD gets the head of the GET and no octet of the body",
  "response bodies: a 204 has no octet of a body, no framing and no type of its own",
  "response bodies: a 304 has no octet of a body, no framing and no type of its own",
  "errors: a throw before the start is a clean 500 that tells nothing",
  "errors: a return without a start is a clean 500 that tells nothing",
  "errors: a throw within the announced length cuts the response",
  "sync request bodies: 1 MiB of noise arrives octet by octet",
  "sync response heads: every Set-Cookie is a field of its own",
  "sync response bodies: 1 MiB of noise in pieces arrives",
  "sync result: a throw before startResponse is a clean 500",
);

/** Names that cases have. */
function known(...names: readonly string[]): ReadonlySet<string> {
  const unknown = names.filter((name) => cases.every((found) => found.name !== name));
  if (unknown.length > 0) throw new Error(`No case is called ${unknown.join(", or ")}`);
  return new Set(names);
}

/** The wire to a web server, on which the client's questions are answered at once: a process for each would take most of the time. */
export function wireWithoutQuestions(port: number): Wire {
  const wire = http1Wire({ port });
  return {
    ...wire,
    async open() {
      const connection = await wire.open();
      const request = connection.request.bind(connection);
      connection.request = (asked) =>
        asked.headers.some(([name]) => name === ASK) ? new Answer() : request(asked);
      return connection;
    },
  };
}

class Answer implements WireExchange {
  readonly trailers: readonly [] = [];
  #body: Uint8Array | null = new TextEncoder().encode(NOTHING);

  write(): Promise<void> {
    return Promise.resolve();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  head(): Promise<WireHead> {
    return Promise.resolve({ status: 200, reason: "OK", headers: [], framing: "length" });
  }

  read(): Promise<Uint8Array | null> {
    const body = this.#body;
    this.#body = null;
    return Promise.resolve(body);
  }

  reset(): void {}
}
