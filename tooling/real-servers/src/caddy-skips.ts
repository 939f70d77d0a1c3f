// What Caddy 2.6 does by itself, or cannot do.

import { casesNamed } from "@tsgi/testing";
import { BEHIND_A_SERVER, HEADER_ABSENT_AS_ZERO, NO_PASSED_PATHS, UNDERSCORE } from "./in-front.ts";
import { type Skips } from "./skips.ts";

/** Whatever its configuration. */
export const CADDY: Skips = {
  ...BEHIND_A_SERVER,
  ...NO_PASSED_PATHS,
  ...HEADER_ABSENT_AS_ZERO,
  ...UNDERSCORE,
  ...casesNamed(
    "Caddy writes octets above 0x7F of a target percent-encoded",
    "paths: raw UTF-8 octets are taken as they are",
    "paths: a raw octet that is not UTF-8 is kept in PATH_INFO and raw_path",
  ),
  ...casesNamed(
    "Caddy answers itself where the Host is none of its sites",
    "request headers: host is there once, and no pseudo-header is",
    "sync environ: the URL built from it is the client's",
    "request headers: a Host with more in it than a host is refused, or arrives as it was sent and names no server",
    "scope: http_version of an HTTP/1.0 request is 1.0",
    "continue: a client that waits for 100 is told to go on when the body is wanted",
    "continue: the octets after a refused expectation are never taken for a request",
    "continue: an HTTP/1.0 client is sent no 100",
    "response bodies: pieces without Content-Length end with the connection on HTTP/1.0",
    "interim: an HTTP/1.0 client is sent none, silently",
    "keep-alive: pipelined requests are answered in their order, each from its own scope",
    "keep-alive: a response that is ready early waits for the one before it",
    "keep-alive: connection: close of the client is honoured, and what it pipelined behind is not served",
    "sync input: a read beyond the body gives nothing of the next request",
  ),
  ...casesNamed(
    "Caddy passes the parameters in no order",
    "request headers: they are pairs of a lower-case name and a binary string, in the order they arrived",
  ),
  ...casesNamed(
    "Caddy joins cookies with a comma",
    "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ",
  ),
  ...casesNamed(
    "Caddy sends REMOTE_HOST, which is the address",
    "sync environ: REMOTE_ADDR and SERVER_PORT are the two ends of the connection",
  ),
  ...casesNamed(
    "Caddy tells nobody that the client has gone",
    "receive: a client that goes away in the middle of its body gives http.disconnect, never a last piece",
    "receive: a client that half-closes in the middle of its body gives no last piece either",
    "receive: a client that goes away while the app thinks aborts the signal, once",
    "receive: a client that goes away in the middle of the response aborts the signal, once",
    "receive: send to a client that went away in the middle of the response is rejected with ECONNRESET",
    "keep-alive: an app behind another on its connection learns that the client went away",
  ),
  ...casesNamed(
    "Caddy writes the whole body before it reads any of the response",
    "request bodies: a response given before a large body was read arrives whole",
    "sync input: a body of announced length over the limit is a 413, and the app is not called",
    "sync input: a body of unknown length over the limit is a 413, and the app is not called",
  ),
  ...casesNamed(
    "Caddy sorts the fields, and writes their names in its own case",
    "response heads: fields keep their order on HTTP/1.1, repeated ones too",
    "response heads: the app's case of a name is kept on HTTP/1.1",
  ),
  ...casesNamed(
    "Caddy writes reasons of its own",
    "response heads: the app's reason is written where tsgi.reason is offered",
    "sync response heads: the app's reason is written on HTTP/1.1",
    "sync response heads: an empty reason stays empty on HTTP/1.1",
  ),
  ...casesNamed("Caddy adds its own Server field", "response heads: the app's Server field is sent once"),
  ...casesNamed(
    "Caddy takes a connection that breaks for the end of a whole response, whatever comes before",
    "errors: a throw after the first piece cuts the response",
    "errors: a return before the last piece cuts the response",
    "errors: an app that throws when the client has all it sent so far cuts the response",
    "errors: an app that returns when the client has all it sent so far cuts the response",
    "sync result: a throw after a piece cuts the response, and is logged once",
  ),
};
