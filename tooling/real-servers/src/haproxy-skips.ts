// What HAProxy 2.6 does by itself, or cannot do.

import { casesNamed } from "@tsgi/testing";
import { BEHIND_A_SERVER, HEADER_ABSENT_AS_ZERO, NO_PASSED_PATHS, UNDERSCORE } from "./in-front.ts";
import { type Skips } from "./skips.ts";

/** Whatever its configuration. */
export const HAPROXY: Skips = {
  ...BEHIND_A_SERVER,
  ...NO_PASSED_PATHS,
  ...HEADER_ABSENT_AS_ZERO,
  ...UNDERSCORE,
  ...casesNamed(
    "HAProxy answers 400 itself to an octet above 0x7F",
    "paths: raw UTF-8 octets are taken as they are",
  ),
  ...casesNamed(
    "HAProxy makes SERVER_NAME of the Host header",
    "request headers: a Host with more in it than a host is refused, or arrives as it was sent and names no server",
  ),
  ...casesNamed(
    "HAProxy reads a body of unknown length into its one buffer, and answers 400 to a longer one",
    "request bodies: 1 MiB of noise of unknown length arrives octet by octet",
    "request bodies: every piece has body and more_body, the last alone says false, and only the last may be empty",
    "request bodies: pieces an app keeps are not written over by later ones",
    "receive: an app that does not read holds the client back",
    "receive: two calls at once are both answered, in order",
    "sync input: a body of unknown length over the limit is a 413, and the app is not called",
    "overlap: 12 requests of one route, answered in the opposite order, each keep their own scope, body and response",
  ),
  ...casesNamed(
    "HAProxy tells nobody that the client has gone before the response begins, nor before the next of it",
    "receive: a client that goes away in the middle of its body gives http.disconnect, never a last piece",
    "receive: a client that half-closes in the middle of its body gives no last piece either",
    "receive: a client that goes away before its body gives http.disconnect to a pending receive",
    "receive: a client that goes away while the app thinks aborts the signal, once",
    "receive: a client that goes away in the middle of the response aborts the signal, once",
    "receive: send to a client that went away in the middle of the response is rejected with ECONNRESET",
    "keep-alive: an app behind another on its connection learns that the client went away",
  ),
  ...casesNamed(
    "HAProxy writes the names of all fields in lower case",
    "response heads: the app's case of a name is kept on HTTP/1.1",
    "response heads: fields keep their order on HTTP/1.1, repeated ones too",
  ),
  ...casesNamed(
    "HAProxy gives a 304 Content-Length: 0",
    "response bodies: a 304 has no octet of a body, no framing and no type of its own",
  ),
  ...casesNamed(
    "HAProxy sends what it has read whole with its Content-Length",
    "response bodies: pieces without Content-Length are chunked on HTTP/1.1",
    "response bodies: pieces without Content-Length end with the connection on HTTP/1.0",
  ),
};

/** With several requests on one connection. */
export const MULTIPLEXED: Skips = {
  ...HAPROXY,
  ...casesNamed(
    "HAProxy reads no further while one client does not: the question how far the app is waits behind it",
    "streaming: a client that does not read holds the app back",
    "streaming: an app that was held back goes on when the client reads, and nothing is lost",
  ),
  ...casesNamed(
    "HAProxy tells nobody on a shared connection that a client has gone",
    "streaming: send to a client that does not read and then goes away is rejected with ECONNRESET",
    "sync result: a client that goes away is not logged",
    "sync result: close() is called once when the client goes away",
  ),
};
