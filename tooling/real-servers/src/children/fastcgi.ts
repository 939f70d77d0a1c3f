// The suite's app as a FastCGI program that a web server starts, with the listening socket on descriptor 0.

import { logToConsole } from "@tsgi/core";
import { serveFastCgi } from "@tsgi/fastcgi";
import { optionsGiven, suiteGuest } from "./suite-guest.ts";

await serveFastCgi(await suiteGuest(logToConsole), optionsGiven());
