// A fetch function, as a host called in process and as a guest.

import { fromFetch, toFetch } from "@tsgi/fetch";
import { casesNamed, casesThatNeed, fetchSkips, fetchWire } from "@tsgi/testing";
import type { Guest, Host, Skips } from "./pair.ts";

/** What neither a Request nor a Response can hold. */
const OF_FETCH: Skips = {
  ...fetchSkips.url,
  ...fetchSkips.method,
  ...fetchSkips.getBody,
  ...fetchSkips.response,
};

const NO_LIFESPAN = casesThatNeed("lifespan", "A fetch function is not told that its server starts or stops");

/** `toFetch`, called with a Request as a runtime would. */
export const fetchHost: Host = {
  name: "fetch",
  native: false,
  http: "fetch",
  front: [],
  skip: ({ speaks }) => ({
    ...OF_FETCH,
    ...fetchSkips.requestFields,
    ...NO_LIFESPAN,
    ...casesThatNeed("octets", "A Request has no octets"),
    ...casesThatNeed("tls", "A Request tells nothing of TLS"),
    ...casesThatNeed("addresses", "A Request has no addresses"),
    ...casesThatNeed("HTTP/1.1", "A Response has no framing"),
    // What speaks node:http reads its files itself, and has a Date from there.
    ...(speaks !== "node" && {
      ...fetchSkips.files,
      ...casesNamed(
        "The server that calls the fetch function adds Date",
        "response heads: Date is there once, and the app's own one wins",
      ),
    }),
  }),
  serve: async (app, log) => ({ wire: fetchWire({ fetch: toFetch(app, { log }) }), close: () => {} }),
};

/** What a fetch function cannot do as a guest. */
export function fetchGuestSkips(_host: Host): Skips {
  return {
    ...OF_FETCH,
    ...fetchSkips.files,
    ...fetchSkips.head,
    ...fetchSkips.emptyReason,
    ...NO_LIFESPAN,
  };
}

/** The app as a fetch function. */
export const fetchGuest: Guest = {
  name: "fetch",
  speaks: "fetch",
  runs: null,
  front: [],
  skip: fetchGuestSkips,
  of: (app, log) => fromFetch(toFetch(app, { log })),
};
