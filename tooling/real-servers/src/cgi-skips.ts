// What fcgiwrap, mod_cgid and lighttpd's mod_cgi do by themselves, or cannot do.

import { casesNamed } from "@tsgi/testing";
import { APACHE_STARTED } from "./apache-skips.ts";
import { LIGHTTPD } from "./lighttpd-skips.ts";
import { BUFFERED, NGINX } from "./nginx-skips.ts";
import { ONE_PROCESS_EACH } from "./process-per-request.ts";
import { type Skips } from "./skips.ts";

/** fcgiwrap behind nginx. */
export const FCGIWRAP: Skips = {
  ...NGINX,
  ...BUFFERED,
  ...ONE_PROCESS_EACH,
  ...casesNamed(
    "nginx passes a repeated Cookie twice, and fcgiwrap keeps the last",
    "request headers: cookies stay apart in a scope, and are joined by a semicolon in environ",
  ),
  ...casesNamed(
    "The program has the SCRIPT_FILENAME that fcgiwrap starts it by",
    "sync environ: headers that are called like keys of the server do not become them",
  ),
};
/** Apache's mod_cgid. */
export const MOD_CGID: Skips = { ...APACHE_STARTED, ...ONE_PROCESS_EACH };
/** lighttpd's mod_cgi. */
export const LIGHTTPD_CGI: Skips = { ...LIGHTTPD, ...ONE_PROCESS_EACH };
