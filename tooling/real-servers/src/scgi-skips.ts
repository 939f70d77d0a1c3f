// What SCGI has no words for, and what nginx does by itself where it speaks it.

import { BUFFERED, NGINX } from "./nginx-skips.ts";
import { both, type Skips } from "./skips.ts";

/** nginx, scgi_pass to a unix socket. */
export const NGINX_SCGI: Skips = {
  ...NGINX,
  ...BUFFERED,
  ...both(
    "A response over SCGI ends with its connection, and the end of a unix socket always looks the same",
    "errors: a return before the last piece cuts the response",
    "errors: a throw after the first piece cuts the response",
    "sync result: a throw after a piece cuts the response, and is logged once",
  ),
  ...both(
    "A request over SCGI always has a CONTENT_LENGTH",
    "sync request headers: content type and length have their own keys, and are absent without the headers",
  ),
};
