// The options of serveCgi, at their edges.

import { expect, test } from "vitest";
import { GatewayError, logToConsole } from "@tsgi/core";
import { serveSettings, type ServeCgiOptions } from "./serve-settings.ts";

test("without options the defaults hold [S8]", () => {
  expect(serveSettings({})).toEqual({
    meta: { scriptName: null, iis: false, redirectAuthorization: false },
    variables: [],
    nph: "auto",
    localRedirect: false,
    readAhead: 16_777_216,
    drainLimit: 1_073_741_824,
    drainTimeout: 30_000,
    lifespan: "auto",
    startupTimeout: 60_000,
    lifespanShutdownTimeout: 60_000,
    shutdownTimeout: 2_000,
    log: logToConsole,
  });
});

const RIGHT: ServeCgiOptions[] = [
  { readAhead: 0 },
  { readAhead: Infinity },
  { drainLimit: 0 },
  { drainTimeout: 0 },
  { drainTimeout: 2 ** 31 - 1 },
  { shutdownTimeout: 0 },
  { lifespanStartupTimeout: Infinity },
  { variables: "all" },
  { nph: true },
];

test.each(RIGHT)("%j is accepted", (options) => {
  expect(() => serveSettings(options)).not.toThrow();
});

const WRONG: object[] = [
  { readAhead: -1 },
  { readAhead: Number.NaN },
  { drainLimit: -1 },
  { drainTimeout: -1 },
  { drainTimeout: 2 ** 31 },
  { drainTimeout: Infinity },
  { shutdownTimeout: 2 ** 31 },
  { lifespanStartupTimeout: -1 },
  { variables: "HOME" },
  { nph: "yes" },
  { localRedirect: "yes" },
  { scriptName: "x" },
  { unknown: 1 },
];

test.each(WRONG)("%j is refused", (options) => {
  expect(() => serveSettings(options)).toThrow(
    expect.objectContaining({ code: "TSGI_ERR_OPTION" }) as GatewayError,
  );
});
