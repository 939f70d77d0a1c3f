// @whatwg-node/server, answering with the Response of its own @whatwg-node/fetch, which it can send without a stream.
import { Response as WhatwgResponse } from "@whatwg-node/fetch";
import { createServerAdapter } from "@whatwg-node/server";
import { serveListener, type Serve } from "../column.ts";
import { fetchEndpoints } from "../fetch-endpoints.ts";

export const serve: Serve = (endpoint) => {
  const fetch = fetchEndpoints(WhatwgResponse)[endpoint];
  // oxlint-disable-next-line typescript/no-misused-promises -- never rejects: an error is answered 500
  return serveListener(fetch === undefined ? undefined : createServerAdapter(fetch));
};
