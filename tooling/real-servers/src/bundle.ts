// The suite as programs that a web server can start: bundled from source, each guest behind a shell script of its own.

import { fileURLToPath } from "node:url";
import { packCgi } from "@tsgi/cgi";
import { rolldown, type InputOptions, type RolldownBuild } from "rolldown";
import { GUEST, OPTIONS } from "./children/suite-guest.ts";
import type { Guest } from "./guests/guest.ts";
import type { Place } from "./place.ts";

/** A program that stays, in `children/`. */
export type Staying = "fastcgi" | "backend";

/** Bundles a program into a folder of the place, and gives its path. */
export async function bundleProgram(place: Place, name: Staying): Promise<string> {
  const bundle = await bundled(name);
  await bundle.write({
    dir: place.path("bundle"),
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name].mjs",
  });
  await bundle.close();
  return place.path(`bundle/${name}.mjs`);
}

const packed = new Map<Guest["name"], Promise<string>>();

/** Writes the suite as a CGI program for a guest, bundled and packed as a program should be that each request starts; gives its path. */
export async function packSuite(place: Place, guest: Guest): Promise<string> {
  const code = packed.get(guest.name) ?? packedFor(guest);
  packed.set(guest.name, code);
  return place.write("suite.cjs", await code);
}

async function packedFor({ name }: Guest): Promise<string> {
  const bundle = await bundled("cgi", { [`process.env.${GUEST}`]: JSON.stringify(name) });
  const { output } = await bundle.generate({ format: "cjs", minify: true, codeSplitting: false });
  await bundle.close();
  return packCgi(output[0].code);
}

function bundled(
  name: Staying | "cgi",
  define: NonNullable<InputOptions["transform"]>["define"] = {},
): Promise<RolldownBuild> {
  return rolldown({
    input: { [name]: fileURLToPath(new URL(`children/${name}.ts`, import.meta.url)) },
    platform: "node",
    transform: { define },
    // With "import" among them a require() would get the module meant for import.
    resolve: { conditionNames: ["@tsgi/source", "node"] },
    logLevel: "silent",
  });
}

/**
 * Writes the script that runs a program for a guest, and gives its path.
 *
 * @param options - What `serveCgi` or `serveFastCgi` is given, as far as JSON has it.
 */
export function writeScript(
  place: Place,
  file: string,
  { program, guest, options = {} }: { program: string; guest: Guest; options?: object },
): string {
  const script = `#!/bin/sh
${GUEST}=${guest.name} ${OPTIONS}='${JSON.stringify(options)}' NODE_EXTRA_CA_CERTS= exec ${process.execPath} ${program}
`;
  return place.write(file, script, 0o755);
}
