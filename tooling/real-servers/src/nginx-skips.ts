// What nginx 1.22 does by itself, or cannot do.

import { casesNamed } from "@tsgi/testing";
import { BEHIND_A_SERVER, DOTS_RESOLVED } from "./in-front.ts";
import { type Skips } from "./skips.ts";

/** Whatever its configuration. */
export const NGINX: Skips = {
  ...BEHIND_A_SERVER,
  ...DOTS_RESOLVED,
  ...casesNamed(
    "nginx answers 400 itself to a path it cannot decode",
    "paths: a percent sign without two hex digits stays",
    "paths: an encoded line feed and an encoded NUL are part of the path",
  ),
  ...casesNamed("nginx answers 400 itself to an asterisk", "paths: OPTIONS with an asterisk has the path *"),
  ...casesNamed("nginx answers 405 itself to TRACE", "methods: TRACE reaches the app in upper case"),
  ...casesNamed(
    "nginx takes the host of an absolute target for the Host, and passes the rest of it on",
    "paths: the absolute form gives path and query, and leaves the Host header as sent",
    "sync paths: REQUEST_URI of the absolute form is the whole target as received",
  ),
  ...casesNamed(
    "Debian's fastcgi_params passes $host, which is nginx's reading of the Host header, without the port",
    "request headers: host is there once, and no pseudo-header is",
    "request headers: a Host with more in it than a host is refused, or arrives as it was sent and names no server",
  ),
  ...casesNamed(
    "nginx takes off blanks, but no tabs",
    "request headers: blanks around a value are not part of it",
  ),
  ...casesNamed(
    "nginx drops a header with an underscore",
    "request headers: a name with an underscore never passes for one with a hyphen",
  ),
  ...casesNamed(
    "nginx writes a status it has no reason for without the blank that RFC 9112 asks for",
    "response heads: status 299 arrives",
    "response heads: status 600 arrives",
    "response heads: status 799 arrives",
    "response heads: status 999 arrives",
    "sync response heads: an empty reason stays empty on HTTP/1.1",
  ),
};

const REQUEST = "fastcgi_request_buffering is on: nginx reads the whole body before it asks the app";
const RESPONSE = "fastcgi_buffering is on: nginx holds back what the app sends until there is more of it";

/** With its buffers, which are on unless they are turned off. */
export const BUFFERED: Skips = {
  ...casesNamed(
    REQUEST,
    "request bodies: pieces an app keeps are not written over by later ones",
    "receive: an app that does not read holds the client back",
    "receive: a client that goes away in the middle of its body gives http.disconnect, never a last piece",
    "receive: a client that half-closes in the middle of its body gives no last piece either",
    "receive: a client that goes away before its body gives http.disconnect to a pending receive",
    "receive: two calls at once are both answered, in order",
    "sync input: a body of unknown length over the limit is a 413, and the app is not called",
  ),
  ...casesNamed(
    RESPONSE,
    "receive: after the body it waits, and gives http.disconnect when the response is complete",
    "receive: a client that goes away in the middle of the response aborts the signal, once",
    "receive: send to a client that went away in the middle of the response is rejected with ECONNRESET",
    "errors: an app that throws when the client has all it sent so far cuts the response",
    "errors: an app that returns when the client has all it sent so far cuts the response",
    "streaming: the client has a piece before the app is asked for the next",
    "streaming: an empty first piece lets the head leave",
    "streaming: a client that does not read holds the app back",
    "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response",
    "sync streaming: the client has pieces of a generator that has not ended",
    "sync streaming: a long response leaves other requests their turn",
  ),
};

/** Without them. */
export const UNBUFFERED: Skips = casesNamed(
  "fastcgi_request_buffering is off: an answer that comes before nginx has passed the body on ends the client's connection",
  "request bodies: a body the app does not read is no part of the next request",
  "keep-alive: an unread body of unknown length is no part of the next request",
);
