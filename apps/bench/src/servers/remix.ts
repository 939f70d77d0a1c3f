// @remix-run/node-fetch-server, which has the standard Response only.
import { createRequestListener } from "@remix-run/node-fetch-server";
import { serveListener, type Serve } from "../column.ts";
import { fetchEndpoints } from "../fetch-endpoints.ts";

export const serve: Serve = (endpoint) => {
  const fetch = fetchEndpoints(Response)[endpoint];
  return serveListener(fetch === undefined ? undefined : createRequestListener(fetch));
};
