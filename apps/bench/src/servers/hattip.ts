// Hattip's Node adapter with Node's own fetch and its fast-fetch patch, which replaces the global Response.
// oxlint-disable-next-line import/no-unassigned-import -- a patch of the global Response, nothing else
import "@hattip/adapter-node/fast-fetch";
import { createServer } from "@hattip/adapter-node/native-fetch";
import { receiptFromOrder, type Order } from "../bodies.ts";
import { listening, type Serve } from "../column.ts";
import { fetchEndpoints, type Fetch } from "../fetch-endpoints.ts";

const endpoints: Readonly<Record<string, Fetch>> = {
  ...fetchEndpoints(Response),
  // The patch does not see a Response made by Response.json, which would go out as a stream; @hattip/response's own
  // json() makes its answer like this.
  json: async (request) =>
    new Response(JSON.stringify(receiptFromOrder((await request.json()) as Order)), {
      headers: { "content-type": "application/json; charset=utf-8" },
    }),
};

export const serve: Serve = (endpoint) => {
  const fetch = endpoints[endpoint];
  return fetch === undefined
    ? Promise.resolve(null)
    : listening(createServer(({ request }) => fetch(request)));
};
