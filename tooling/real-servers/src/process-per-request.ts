// The wire to an app that has a process for each request: what one process knows, no other does, so nobody is asked.

import {
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
    "The end of a program's output is the end of its response, and nothing says that more was to come",
    "errors: a throw after the first piece cuts the response",
    "errors: a return before the last piece cuts the response",
  ),
  ...casesNamed(
    "The variables of an environment have no order",
    "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived",
  ),
  ...casesThatNeed("log", "The program's log is its standard error, which is the web server's"),
};

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
