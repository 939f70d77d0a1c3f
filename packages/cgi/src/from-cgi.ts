// A CGI program as an app: for every server that runs one. Sources: RFC 3875; Go net/http/cgi host.go; requirement group CH.

import { GatewayError, type AsgiApp, type OptionNames } from "@tsgi/core";
import { SCRIPT_OPTIONS, type ScriptOptions } from "./script-options.ts";
import { scriptOf, scriptSettings } from "./script-settings.ts";
import { appOf } from "./serve-script.ts";

/** The options of {@link fromCgi}. */
export interface FromCgiOptions extends ScriptOptions {
  /**
   * The arguments of the program, always these: nothing of a request is ever among them, the words of a query without `=` that
   * RFC 3875 §4.4 would put there neither (CVE-2012-1823). Default: none.
   */
  readonly args?: readonly string[];
  /** The directory the program is run in. Default: the one it lies in. */
  readonly directory?: string;
  /** SCRIPT_FILENAME: for php-cgi, the script it is to run. Default: the program. */
  readonly scriptFilename?: string;
  /**
   * Whether the program writes a whole HTTP response, status line and all ("non-parsed headers"). It is read nevertheless: framing is
   * the server's. Default: `true` for a program whose name begins with `nph-`.
   */
  readonly nph?: boolean;
}

const OPTIONS: OptionNames<FromCgiOptions> = {
  ...SCRIPT_OPTIONS,
  args: true,
  directory: true,
  scriptFilename: true,
  nph: true,
};

/**
 * Turns a CGI program into an app: a process for each request, no shell, an environment from scratch. SCRIPT_NAME is the app's
 * `root_path`, and PATH_INFO the rest of the path: mount it (`mount("/search", fromCgi(…))`) to give it a name.
 *
 * A program that cannot be started, or whose output is no response, is a 500; one that takes too long a 504; one that has begun to
 * answer and fails gets its response cut. A client that goes away ends the program, and all that it has started.
 *
 * @param script - The path of an executable file: a binary, or a script with a `#!` line.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for options that make no sense.
 * @example
 * export default fromCgi("/usr/lib/git-core/git-http-backend", {
 *   env: { GIT_PROJECT_ROOT: "/srv/git", GIT_HTTP_EXPORT_ALL: "1" },
 * });
 */
export function fromCgi(script: string, options: FromCgiOptions = {}): AsgiApp {
  if (typeof script !== "string" || script === "" || script.includes("\0")) {
    throw new GatewayError("TSGI_ERR_OPTION", "fromCgi takes the path of a program");
  }
  const settings = scriptSettings(options, OPTIONS);
  const named = scriptOf(script);
  const {
    args = named.args,
    directory = named.directory,
    scriptFilename = named.scriptFilename,
    nph = named.nph,
  } = options;
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) {
    throw new GatewayError("TSGI_ERR_OPTION", "args is an array of strings");
  }
  // `serveCgi` knows "auto" as well: here that would take every program for one that writes a status line.
  if (typeof nph !== "boolean") throw new GatewayError("TSGI_ERR_OPTION", "nph is true or false");
  const chosen = { script: { file: named.file, args, directory, scriptFilename, nph } };
  return appOf(settings, () => chosen);
}
