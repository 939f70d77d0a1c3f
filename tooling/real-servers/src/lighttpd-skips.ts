// What lighttpd 1.4 does by itself, or cannot do.

import { casesNamed } from "@tsgi/testing";
import {
  BEHIND_A_SERVER,
  DOTS_RESOLVED,
  HEADER_ABSENT_AS_ZERO,
  NO_PASSED_PATHS,
  UNDERSCORE,
} from "./in-front.ts";
import { type Skips } from "./skips.ts";

/** Whatever is behind it. */
export const LIGHTTPD: Skips = {
  ...BEHIND_A_SERVER,
  ...DOTS_RESOLVED,
  ...NO_PASSED_PATHS,
  ...HEADER_ABSENT_AS_ZERO,
  ...UNDERSCORE,
  ...casesNamed(
    "lighttpd writes percent signs with upper-case digits",
    "paths: the query is what follows the first question mark, still encoded",
    "sync paths: REQUEST_URI is the target, undecoded, with its query",
  ),
  ...casesNamed(
    "lighttpd answers 400 itself to a line end in a path",
    "limits: a path cannot write lines of its own into the log",
  ),
  ...casesNamed(
    "lighttpd answers 501 itself to a method it does not know",
    "methods: M-SEARCH reaches the app in upper case",
    "methods: UNHEARD-OF reaches the app in upper case",
  ),
  ...casesNamed(
    "lighttpd answers 411 itself to a POST that announces no body",
    "methods: POST reaches the app in upper case",
    "request bodies: a POST without a body has an empty one",
    "request bodies: every piece has body and more_body, the last alone says false, and only the last may be empty",
  ),
  ...casesNamed("lighttpd answers 400 itself to a GET with a body", "request bodies: a GET may have a body"),
  ...casesNamed(
    "lighttpd drops a field without a value",
    "request headers: an empty value arrives",
    "response heads: an empty value and a value of 5000 octets arrive",
  ),
  ...casesNamed(
    "lighttpd answers 400 itself to a field with octets above 0x7F in its name",
    "sync environ: every key without a dot is a binary string",
  ),
  ...casesNamed(
    "lighttpd reads the whole body before it asks the app",
    "request bodies: pieces an app keeps are not written over by later ones",
    "receive: an app that does not read holds the client back",
    "receive: a client that goes away in the middle of its body gives http.disconnect, never a last piece",
    "receive: a client that half-closes in the middle of its body gives no last piece either",
    "receive: a client that goes away before its body gives http.disconnect to a pending receive",
    "receive: two calls at once are both answered, in order",
    "sync input: a body of unknown length over the limit is a 413, and the app is not called",
    "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response",
  ),
  ...casesNamed(
    "lighttpd tells nobody that the client has gone before there is something to send to it",
    "receive: a client that goes away while the app thinks aborts the signal, once",
  ),
  ...casesNamed(
    "lighttpd serves one request of a connection after the other",
    "keep-alive: an app behind another on its connection learns that the client went away",
  ),
  ...casesNamed(
    "lighttpd keeps the fields of a name together",
    "response heads: fields keep their order on HTTP/1.1, repeated ones too",
  ),
  ...casesNamed(
    "lighttpd writes reasons of its own",
    "response heads: the app's reason is written where tsgi.reason is offered",
    "sync response heads: the app's reason is written on HTTP/1.1",
    "sync response heads: an empty reason stays empty on HTTP/1.1",
  ),
  ...casesNamed(
    "lighttpd sends what it has read whole with its Content-Length",
    "response bodies: pieces without Content-Length are chunked on HTTP/1.1",
    "response bodies: pieces without Content-Length end with the connection on HTTP/1.0",
  ),
  ...casesNamed(
    "lighttpd takes what came before the connection broke for all, if it reads both at once",
    "errors: a throw after the first piece cuts the response",
    "errors: a return before the last piece cuts the response",
    "sync result: a throw after a piece cuts the response, and is logged once",
  ),
};
