// A fetch handler on our Node host, answering with our own FastResponse, which the app imports.
import { FastResponse, fromFetch } from "@tsgi/fetch";
import type { Serve } from "../column.ts";
import { fetchEndpoints } from "../fetch-endpoints.ts";
import { serveApp } from "../serve-app.ts";

const endpoints = fetchEndpoints(FastResponse);

export const serve: Serve = (endpoint) => {
  const fetch = endpoints[endpoint];
  return serveApp(fetch === undefined ? undefined : fromFetch(fetch));
};
