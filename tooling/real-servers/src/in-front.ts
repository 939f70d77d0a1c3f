// What no app behind a web server can have: the protocol in between has no place for it.

import { casesNamed, casesThatNeed } from "@tsgi/testing";
import { allOf, type Skips } from "./skips.ts";

/** What FastCGI and CGI have no words for. */
export const BEHIND_A_SERVER: Skips = {
  ...casesThatNeed("interim responses", "CGI and FastCGI have no interim responses"),
  ...casesThatNeed("trailers", "CGI and FastCGI have no trailers"),
  ...casesThatNeed("files", "A file is sent by the app as any body, through the web server"),
  ...casesThatNeed("tls", "The connection is plain"),
  ...allOf("It is the web server that reads the request, and refuses what it does not like", "bad requests:"),
  ...casesNamed(
    "It is the web server's limit, and its answer",
    "limits: a head of 256 KiB is a 431, and the connection is closed",
    "limits: 5000 header fields are a 431, and none of them is dropped silently",
    "limits: a target of 256 KiB is a 414 or a 431, and the connection is closed",
  ),
  ...casesNamed(
    "A request has each meta-variable once",
    "request headers: a repeated header arrives once for each time, in order",
    "sync limits: a header that is repeated a hundred times is served, and once more is a 400",
  ),
  "request bodies: Transfer-Encoding is listed, and the pieces come without chunk sizes":
    "The web server takes the chunks apart, and Transfer-Encoding belongs to its connection",
  "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ":
    "A request has one HTTP_COOKIE",
  "response heads: connection: close of the app closes the connection after the response":
    "The connection to the client is the web server's",
  "errors: a cut response on HTTP/1.0 is a reset, since its clean end would look complete":
    "A web server closes the connection of an HTTP/1.0 client, however the response ends",
  "continue: an app that answers first sends no 100":
    "The web server reads the request, and sends 100 before the app is asked",
};

/** Paths that all but nginx answer themselves in the same way. */
export const NO_PASSED_PATHS: Skips = {
  ...casesNamed(
    "The web server answers itself to a path it cannot decode, or that has a NUL in it",
    "paths: a percent sign without two hex digits stays",
    "paths: an encoded line feed and an encoded NUL are part of the path",
  ),
  ...casesNamed(
    "The web server takes the absolute form apart, or answers it itself",
    "paths: the absolute form gives path and query, and leaves the Host header as sent",
    "sync paths: REQUEST_URI of the absolute form is the whole target as received",
  ),
  ...casesNamed(
    "The web server answers an asterisk itself",
    "paths: OPTIONS with an asterisk has the path *",
  ),
};

/** CONTENT_LENGTH=0, and the like, for what is not there. */
export const HEADER_ABSENT_AS_ZERO: Skips = casesNamed(
  "The web server sends CONTENT_LENGTH=0 for no body, and SCRIPT_FILENAME, DOCUMENT_ROOT and the like",
  "sync request headers: content type and length have their own keys, and are absent without the headers",
  "sync environ: headers that are called like keys of the server do not become them",
);

/** A header with an underscore: dropped, or already one meta-variable with its twin. */
export const UNDERSCORE: Skips = casesNamed(
  "The web server drops a header with an underscore, or has made one meta-variable of it and its twin",
  "request headers: a name with an underscore never passes for one with a hyphen",
);

/** Paths with dots, of a web server that resolves them: what its access rules were about is what the app gets. */
export const DOTS_RESOLVED: Skips = casesNamed(
  "The web server resolves the dots of a path before it asks the app",
  "paths: dot segments are kept",
  "paths: encoded dot segments are decoded and kept",
  "paths: dot segments around encoded slashes are decoded and kept",
);
