// One of several equal backends: says who answered. For the scale-out test, in a network namespace of its own.

import { UnsupportedScopeError, type AsgiApp } from "@tsgi/core";
import { serveFastCgi } from "@tsgi/fastcgi";
import { optionsGiven } from "./suite-guest.ts";

/** How long a request takes, in milliseconds: so that some are always at work when a backend ends. */
const WORK = 5;

const app: AsgiApp = async (scope, _receive, send) => {
  if (scope.type !== "http") throw new UnsupportedScopeError(scope.type);
  await new Promise((resolve) => setTimeout(resolve, WORK));
  await send({ type: "http.response.start", status: 200, headers: [["content-type", "text/plain"]] });
  await send({ type: "http.response.body", body: process.env["TSGI_BACKEND"] ?? "" });
};

await serveFastCgi(app, { lifespan: "off", signals: true, ...optionsGiven() });
