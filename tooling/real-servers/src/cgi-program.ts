// The suite as a CGI program in a route's place.

import { bundleSuite, writeScript } from "./bundle.ts";
import type { RouteParts } from "./route.ts";

/** Bundles the program, and gives the path of the script that runs it for the route's guest. */
export async function cgiProgram({ place, guest }: RouteParts, options: object = {}): Promise<string> {
  await bundleSuite(place, "cgi");
  return writeScript(place, "suite.cgi", { speaks: "cgi", guest, options });
}
