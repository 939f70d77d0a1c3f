// The suite as programs that a web server can start: bundled from source once, each guest behind a shell script of its own.

import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { GUEST, OPTIONS } from "./children/suite-guest.ts";
import type { Guest } from "./guests/guest.ts";
import type { Place } from "./place.ts";

/** A program in `children/`: what it speaks, or what it is. */
export type Spoken = "fastcgi" | "cgi" | "backend";

/** Bundles a program into a folder of the place. */
export async function bundleSuite(place: Place, speaks: Spoken): Promise<void> {
  const source = (name: string): string => fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  const bundle = await rolldown({
    input: { [speaks]: source(speaks) },
    platform: "node",
    // With "import" among them a require() would get the module meant for import.
    resolve: { conditionNames: ["@tsgi/source", "node"] },
    logLevel: "silent",
  });
  await bundle.write({
    dir: place.path("bundle"),
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name].mjs",
  });
  await bundle.close();
}

/**
 * Writes the script that runs the bundled program for a guest, and gives its path.
 *
 * @param options - What `serveCgi` or `serveFastCgi` is given, as far as JSON has it.
 */
export function writeScript(
  place: Place,
  file: string,
  { speaks, guest, options = {} }: { speaks: Spoken; guest: Guest; options?: object },
): string {
  const script = `#!/bin/sh
${GUEST}=${guest.name} ${OPTIONS}='${JSON.stringify(options)}' NODE_EXTRA_CA_CERTS= exec ${process.execPath} ${place.path("bundle")}/${speaks}.mjs
`;
  return place.write(file, script, 0o755);
}
