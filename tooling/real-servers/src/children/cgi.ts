// The suite's app as a CGI program: one case in one process.

import { logToConsole } from "@tsgi/core";
import { serveCgi } from "@tsgi/cgi/serve-cgi";
import { optionsGiven, suiteGuest } from "./suite-guest.ts";

serveCgi(await suiteGuest(logToConsole), optionsGiven());
