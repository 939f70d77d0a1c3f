// The suite's app as a CGI program: one case in one process.

import { logToConsole } from "@tsgi/core";
import { serveCgi } from "@tsgi/cgi/serve-cgi";
import { optionsGiven, suiteGuest } from "./suite-guest.ts";

// CommonJS, which it is packed as, has no await here.
void suiteGuest(logToConsole).then((app) => serveCgi(app, optionsGiven()));
