// A directory of CGI programs as an app (`cgi-bin`): the path names the program, and what follows is its PATH_INFO.
// Sources: RFC 3875 §3.2, §9.8; fcgiwrap get_cgi_filename; Plack::App::CGIBin; requirements CH28, S15.

import { access, constants, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import {
  GatewayError,
  nativeString,
  pathParts,
  textOfNative,
  type AsgiApp,
  type HttpScopeInit,
  type OptionNames,
} from "@tsgi/core";
import { SCRIPT_OPTIONS, type ScriptOptions } from "./script-options.ts";
import { scriptOf, scriptSettings, type Script } from "./script-settings.ts";
import { RequestRefused } from "./request-refused.ts";
import { appOf, type ChosenScript } from "./serve-script.ts";

/** The options of {@link cgiDirectory}. */
export interface CgiDirectoryOptions extends ScriptOptions {
  /**
   * Programs that run files with these endings, which then need not be executable: `{ ".php": "/usr/bin/php-cgi" }`. They find the
   * file in SCRIPT_FILENAME. Default: none, each file is executed itself.
   */
  readonly interpreters?: Readonly<Record<string, string>>;
}

const OPTIONS: OptionNames<CgiDirectoryOptions> = { ...SCRIPT_OPTIONS, interpreters: true };

/**
 * Makes an app of a directory. The first file on the path is the program; directories before it are part of its SCRIPT_NAME. 404 is
 * what a path gets that leads to no regular file, through a name with a dot in front, by `..` in whatever writing, or by a
 * symbolic link out of the directory; 403 a file that may not be executed. Nothing is ever sent as a file, and there are no indexes.
 *
 * @param root - The directory. It may be a symbolic link itself.
 * @throws {@link GatewayError} `TSGI_ERR_OPTION` for options that make no sense.
 * @example
 * const app = mount("/cgi-bin", cgiDirectory("/usr/lib/cgi-bin"));
 */
export function cgiDirectory(root: string, options: CgiDirectoryOptions = {}): AsgiApp {
  if (typeof root !== "string" || root === "" || root.includes("\0")) {
    throw new GatewayError("TSGI_ERR_OPTION", "cgiDirectory takes the path of a directory");
  }
  const { interpreters = {}, ...rest } = options;
  const settings = scriptSettings({ ...rest, interpreters }, OPTIONS);
  for (const [ending, program] of Object.entries(interpreters)) {
    if (ending.startsWith(".") && typeof program === "string" && program !== "") continue;
    throw new GatewayError(
      "TSGI_ERR_OPTION",
      `interpreters has what is no ending: ${JSON.stringify(ending)}`,
    );
  }
  const directory = resolve(root);
  return appOf(settings, (scope) => chooseScript(directory, interpreters, scope));
}

async function chooseScript(
  root: string,
  interpreters: Readonly<Record<string, string>>,
  scope: HttpScopeInit,
): Promise<ChosenScript> {
  const parts = pathParts(scope);
  const segments = parts.pathInfo.split("/").slice(1);
  let path = root;
  for (let i = 0; i < segments.length; i += 1) {
    path = join(path, fileName(segments[i] as string));
    const found = await stat(path).catch(() => null);
    if (found?.isDirectory() === true) continue;
    if (found?.isFile() !== true) break;
    const script = await scriptAt(root, path, interpreters);
    return {
      script,
      scriptName: `${parts.scriptName}/${segments.slice(0, i + 1).join("/")}`,
      pathInfo: segments
        .slice(i + 1)
        .map((segment) => `/${segment}`)
        .join(""),
    };
  }
  throw notFound();
}

/** Names that are devices on Windows, whatever their ending. */
const DEVICE = /^(?:aux|con|nul|prn|(?:com|lpt)[0-9¹²³])(?:\.|$)/i;

/** A segment of a path as the name of a file. */
function fileName(octets: string): string {
  const name = textOfNative(octets);
  const isPlain =
    name !== "" && !name.startsWith(".") && !name.includes("\0") && nativeString(name) === octets;
  if (!isPlain) throw notFound();
  if (process.platform === "win32" && (/[\\:*?"<>|]|[. ]$/.test(name) || DEVICE.test(name))) throw notFound();
  return name;
}

async function scriptAt(
  root: string,
  path: string,
  interpreters: Readonly<Record<string, string>>,
): Promise<Script> {
  // What is checked is what is executed: the file without links on its way.
  const [file, top] = await Promise.all([realpath(path), realpath(root)]).catch(() => {
    throw notFound();
  });
  if (!file.startsWith(top.endsWith(sep) ? top : top + sep)) throw notFound();
  const nph = basename(path).startsWith("nph-");
  const ending = Object.keys(interpreters).find((known) => path.endsWith(known));
  const interpreter = ending === undefined ? undefined : interpreters[ending];
  if (interpreter !== undefined) {
    return { ...scriptOf(interpreter), scriptFilename: file, directory: dirname(file), nph };
  }
  await access(file, constants.X_OK).catch(() => {
    throw new RequestRefused(403, "The file may not be executed");
  });
  return { ...scriptOf(file), nph };
}

function notFound(): RequestRefused {
  return new RequestRefused(404, "There is no such program");
}
