// A Hono app with the suite's app as its handler.

import { Hono } from "hono";
import { fromHono, toHono } from "@tsgi/hono";
import { casesThatNeed, fetchSkips } from "@tsgi/testing";
import type { Guest } from "./guest.ts";

/** Hono 4. */
export const honoGuest: Guest = {
  name: "Hono",
  runs: "both",
  skip: {
    ...fetchSkips.url,
    ...fetchSkips.method,
    ...fetchSkips.getBody,
    ...fetchSkips.response,
    ...fetchSkips.files,
    ...fetchSkips.head,
    ...fetchSkips.emptyReason,
    ...casesThatNeed("lifespan", "A fetch function is not told that its server starts or stops"),
  },
  of: (app, log) => fromHono(new Hono().all("*", toHono(app, { log }))),
};
