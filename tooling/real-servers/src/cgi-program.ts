// The suite as a CGI program in a route's place.

import { packSuite, writeScript } from "./bundle.ts";
import type { RouteParts } from "./route.ts";

/** Packs the program for the route's guest, and gives the path of the script that runs it. */
export async function cgiProgram({ place, guest }: RouteParts, options: object = {}): Promise<string> {
  return writeScript(place, "suite.cgi", { program: await packSuite(place, guest), guest, options });
}
