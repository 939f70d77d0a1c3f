// Meta-variables as the environment of a child process: text, because Node encodes what it gives to a child as UTF-8.
// Sources: RFC 3875 §7.2; Go net/http/cgi osDefaultInheritEnv; requirements CH2, CH3, CH6, S16, S20.

import { nativeString, textOfNative } from "@tsgi/core";
import type { MetaVariables } from "./meta-variables.ts";
import { RequestRefused } from "./request-refused.ts";

/** Where programs look for others, if nobody says: what execvp and most shells take themselves. */
export const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/** What a program needs of this process's environment to start at all. */
export const INHERITED: readonly string[] =
  process.platform === "win32"
    ? ["SystemRoot", "COMSPEC", "PATHEXT", "WINDIR"]
    : ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/**
 * Makes the environment of a program: its meta-variables, PATH, and what is inherited by name.
 *
 * @throws {@link RequestRefused} 404 for a path whose octets are not UTF-8: the program would see another one.
 */
export function childEnvironment(
  meta: MetaVariables,
  inherit: readonly string[],
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  const environment = Object.create(null) as Record<string, string>;
  environment["PATH"] = DEFAULT_PATH;
  for (const name of inherit) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  // An unset one would be the same (RFC 3875 §4.1), but for a script that runs under `set -u`.
  environment["PATH_INFO"] = "";
  for (const name of Object.keys(meta)) environment[name] = textOf(name, meta[name] as string);
  return Object.assign(environment, env);
}

function textOf(name: string, octets: string): string {
  const text = textOfNative(octets);
  // U+FFFD stands for what is not UTF-8, or for itself.
  if (!text.includes("\ufffd") || nativeString(text) === octets) return text;
  switch (name) {
    case "SCRIPT_NAME":
    case "PATH_INFO":
    case "PATH_TRANSLATED":
      throw new RequestRefused(404, "The path is not UTF-8, and cannot be given to a program");
    case "REQUEST_URI":
    case "QUERY_STRING":
      // Here an octet may be written in another way.
      return octets.replace(/[\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`);
    default:
      return text;
  }
}
