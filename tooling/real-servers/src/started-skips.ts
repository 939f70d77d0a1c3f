// What cannot be had of an app that the web server starts, besides what its server cannot do.

import { casesNamed, casesThatNeed } from "@tsgi/testing";
import { APACHE_STARTED } from "./apache-skips.ts";
import { LIGHTTPD } from "./lighttpd-skips.ts";
import { NGINX, UNBUFFERED } from "./nginx-skips.ts";
import { type Skips } from "./skips.ts";

const ELSEWHERE: Skips = casesThatNeed("log", "The app's log is its standard error, in another process");

/** By lighttpd's bin-path. */
export const BIN_PATH: Skips = { ...LIGHTTPD, ...ELSEWHERE };

/** By mod_fcgid. */
export const FCGID: Skips = {
  ...APACHE_STARTED,
  ...ELSEWHERE,
  ...casesThatNeed(
    "memory",
    "mod_fcgid gives a process one request at a time: nobody can be asked meanwhile",
  ),
  ...casesNamed(
    "mod_fcgid writes the whole body before it reads any of the response",
    "request bodies: a response given before a large body was read arrives whole",
  ),
  ...casesNamed(
    "mod_fcgid takes a connection that breaks for the end of a whole response, whatever comes before",
    "errors: a throw after the first piece cuts the response",
    "errors: a throw within the announced length cuts the response",
    "errors: a return before the last piece cuts the response",
    "errors: a last piece that leaves the body shorter than Content-Length cuts the response",
    "errors: a piece that makes the body longer than Content-Length cuts the response",
    "sync result: a body shorter than Content-Length cuts the response",
  ),
  ...casesNamed(
    "mod_fcgid sends CONTENT_LENGTH=0 for no body",
    "sync request headers: content type and length have their own keys, and are absent without the headers",
  ),
};

/** By spawn-fcgi and multiwatch: two processes share a socket. */
export const MULTIWATCH: Skips = {
  ...NGINX,
  ...UNBUFFERED,
  ...ELSEWHERE,
  ...casesThatNeed("memory", "What one process knows, the other may be asked for"),
};
