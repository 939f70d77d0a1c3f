// What fcgiwrap, Apache's mod_cgid and mod_cgi, and lighttpd's mod_cgi do by themselves, or cannot do.

import { casesNamed } from "@tsgi/testing";
import { APACHE, APACHE_WITH_LENGTHS, STARTED } from "./apache-skips.ts";
import { LIGHTTPD } from "./lighttpd-skips.ts";
import { BUFFERED, NGINX } from "./nginx-skips.ts";
import { ENDS_ALIKE, ONE_PROCESS_EACH } from "./process-per-request.ts";
import { type Skips } from "./skips.ts";

/** fcgiwrap behind nginx. */
export const FCGIWRAP: Skips = {
  ...NGINX,
  ...BUFFERED,
  ...ONE_PROCESS_EACH,
  ...ENDS_ALIKE,
  ...casesNamed(
    "nginx passes a repeated Cookie twice, and fcgiwrap keeps the last",
    "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ",
  ),
  ...casesNamed(
    "The program has the SCRIPT_FILENAME that fcgiwrap starts it by",
    "sync environ: headers that are called like keys of the server do not become them",
  ),
};
/** By Apache, through a pipe or a socket that it reads when it gets to it. */
const APACHE_CGI: Skips = {
  ...STARTED,
  ...ONE_PROCESS_EACH,
  ...ENDS_ALIKE,
  ...casesNamed(
    "Apache sends a response with its length if the program has ended before Apache reads",
    "response bodies: pieces without Content-Length are chunked on HTTP/1.1",
    "response bodies: pieces without Content-Length end with the connection on HTTP/1.0",
  ),
};
/** Apache's mod_cgi with a process for each connection, and with ap_trust_cgilike_cl. */
export const PREFORK_CGI: Skips = {
  ...APACHE_WITH_LENGTHS,
  ...APACHE_CGI,
  ...casesNamed(
    "Each connection takes a process of Apache's, whatever it sends, and there are not as many",
    "limits: three hundred connections that send nothing, or half a head, do not stop others",
  ),
};
/** Apache's mod_cgid. */
export const MOD_CGID: Skips = {
  ...APACHE,
  ...APACHE_CGI,
  ...casesNamed(
    "Apache 2.4.59 and later drop Content-Length, and the end of a program's output is the end of its response",
    "errors: a throw within the announced length cuts the response",
    "errors: a last piece that leaves the body shorter than Content-Length cuts the response",
    "errors: a piece that makes the body longer than Content-Length cuts the response",
    "sync result: a body shorter than Content-Length cuts the response",
  ),
};
/** lighttpd's mod_cgi. */
export const LIGHTTPD_CGI: Skips = { ...LIGHTTPD, ...ONE_PROCESS_EACH, ...ENDS_ALIKE };
