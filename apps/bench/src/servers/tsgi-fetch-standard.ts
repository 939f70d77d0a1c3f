// The same with the standard Response.
import { fromFetch } from "@tsgi/fetch";
import type { Serve } from "../column.ts";
import { fetchEndpoints } from "../fetch-endpoints.ts";
import { serveApp } from "../serve-app.ts";

const endpoints = fetchEndpoints(Response);

export const serve: Serve = (endpoint) => {
  const fetch = endpoints[endpoint];
  return serveApp(fetch === undefined ? undefined : fromFetch(fetch));
};
