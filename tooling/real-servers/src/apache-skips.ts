// What Apache 2.4 does by itself, or cannot do.

import { casesNamed } from "@tsgi/testing";
import { BEHIND_A_SERVER, DOTS_RESOLVED, NO_PASSED_PATHS, UNDERSCORE } from "./in-front.ts";
import { type Skips } from "./skips.ts";

/** By whatever module, with ap_trust_cgilike_cl, which lets Content-Length pass. */
export const APACHE_WITH_LENGTHS: Skips = {
  ...BEHIND_A_SERVER,
  ...DOTS_RESOLVED,
  ...NO_PASSED_PATHS,
  ...UNDERSCORE,
  ...casesNamed(
    "Apache joins cookies with a comma",
    "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ",
  ),
  ...casesNamed(
    "Apache passes SCRIPT_FILENAME, SERVER_ADMIN and the like",
    "sync environ: headers that are called like keys of the server do not become them",
  ),
  ...casesNamed(
    "Apache passes its own PATH",
    "sync environ: keys of the server have a dot, and nothing of the process's environment is there",
  ),
  ...casesNamed(
    "Apache joins the fields of a name",
    "response heads: repeated fields stay apart and in order",
    "response heads: fields keep their order on HTTP/1.1, repeated ones too",
  ),
  ...casesNamed(
    "Apache closes the connection after a 500",
    "keep-alive: the connection serves on after a 500 of the app",
  ),
  ...casesNamed(
    "Apache serves one request of a connection after the other",
    "keep-alive: an app behind another on its connection learns that the client went away",
  ),
};

/** By whatever module. */
export const APACHE: Skips = {
  ...APACHE_WITH_LENGTHS,
  ...casesNamed(
    "Apache 2.4.59 and later drop Content-Length, unless ap_trust_cgilike_cl is set",
    "response bodies: a body that is one piece gets its Content-Length, in octets",
    "response bodies: the app's Content-Length is sent once and frames the body",
    "response bodies: HEAD gets the head of the GET and no octet of the body",
    "response bodies: HEAD with a Content-Length and no body passes untouched",
    "sync startResponse: write alone makes a whole response",
    "sync result: a bare string and bare bytes are one piece",
  ),
};

/** What only the modules that start programs do. */
export const STARTED: Skips = {
  ...casesNamed("Apache answers TRACE itself", "methods: TRACE reaches the app in upper case"),
  ...casesNamed(
    "Apache writes Date and Server itself",
    "response heads: Date is there once, and the app's own one wins",
    "response heads: the app's Server field is sent once",
  ),
};

/** By the modules that start programs. */
export const APACHE_STARTED: Skips = { ...APACHE, ...STARTED };

/** By mod_proxy_fcgi. */
export const PROXY_FCGI: Skips = {
  ...APACHE,
  ...casesNamed(
    "Apache tells nobody that the client has gone before there is something to send to it",
    "receive: a client that goes away while the app thinks aborts the signal, once",
    "receive: a client that goes away in the middle of the response aborts the signal, once",
    "receive: send to a client that went away in the middle of the response is rejected with ECONNRESET",
  ),
  ...casesNamed(
    "mod_proxy_fcgi sends the head with the first of the body",
    "streaming: an empty first piece lets the head leave",
  ),
  ...casesNamed(
    "mod_proxy_fcgi writes the whole body before it reads any of the response",
    "sync input: a body of unknown length over the limit is a 413, and the app is not called",
  ),
};
