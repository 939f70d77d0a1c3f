// An Express app with the suite's app as its middleware.

import express from "express";
import { fromExpress, toExpress } from "@tsgi/express";
import { casesThatNeed } from "@tsgi/testing";
import type { Guest } from "./guest.ts";

/** Express 5. */
export const expressGuest: Guest = {
  name: "Express",
  runs: "both",
  skip: casesThatNeed("lifespan", "A (req, res) listener is not told that its server starts or stops"),
  of: (app, log) => fromExpress(express().disable("x-powered-by").use(toExpress(app, { log }))),
};
