// What an app behind fromCgi cannot have.

import { casesNamed, nodeParserSkips } from "@tsgi/testing";
import { BEHIND_A_SERVER } from "./in-front.ts";
import { type Skips } from "./skips.ts";

/** What Node reads before fromCgi, and what cannot stand in an environment. */
export const IN_NODE: Skips = {
  ...BEHIND_A_SERVER,
  ...nodeParserSkips,
  ...casesNamed(
    "fromCgi answers 501: TRACE is for no program",
    "methods: TRACE reaches the app in upper case",
  ),
  ...casesNamed(
    "Node gives an environment in UTF-8 only: fromCgi answers 404",
    "paths: an octet that is not UTF-8 is kept in PATH_INFO and replaced in path",
  ),
  ...casesNamed(
    "Node gives an environment in UTF-8 only: another octet is replaced",
    "request headers: octets above 0x7F arrive one by one",
  ),
  ...casesNamed(
    "A NUL ends a variable: fromCgi answers 404",
    "paths: an encoded line feed and an encoded NUL are part of the path",
  ),
  ...casesNamed(
    "An underscore and a hyphen are the same in a variable: fromCgi leaves such a header out",
    "request headers: a name with an underscore never passes for one with a hyphen",
  ),
  ...casesNamed(
    "A body without a length is read to its end before the program is started",
    "receive: an app that does not read holds the client back",
    "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response",
  ),
  "sync input: a body of unknown length over the limit is a 413, and the app is not called":
    "A body without a length is read to its end before the program is started",
  ...casesNamed(
    "An asterisk is no path: mount answers 404",
    "paths: OPTIONS with an asterisk has the path *",
  ),
  "sync environ: headers that are called like keys of the server do not become them":
    "A CGI host gives SCRIPT_FILENAME",
  "sync environ: REMOTE_ADDR and SERVER_PORT are the two ends of the connection":
    "A CGI host gives REMOTE_HOST too",
  "sync response heads: an empty reason stays empty on HTTP/1.1":
    "A Status without a reason has the standard one",
};

/**
 * Where the end of cgi-fcgi's buffer of 8 KiB cuts the header of a record it takes what follows for another version, and exits
 * with 254 after a whole response, too (`memcpy(&header + headerLen, …)` in cgi-fcgi.c adds records, not bytes).
 */
const CUT_OR_WHOLE = "cgi-fcgi ends after a whole response, too, as after one that was cut";

/** What cgi-fcgi does to a request. */
export const BY_FASTCGI: Skips = {
  ...casesNamed(
    CUT_OR_WHOLE,
    "errors: a throw after the first piece cuts the response",
    "errors: a return before the last piece cuts the response",
    "errors: an app that throws when the client has all it sent so far cuts the response",
    "errors: an app that returns when the client has all it sent so far cuts the response",
  ),
  "sync result: a throw after a piece cuts the response, and is logged once": CUT_OR_WHOLE,
  "sync environ: keys of the server have a dot, and nothing of the process's environment is there":
    "cgi-fcgi passes all of its environment on, PATH too",
  ...casesNamed(
    "A thousand processes take longer than a case may",
    "keep-alive: 1000 requests on one connection are answered in order, and no listener is left behind",
  ),
};
