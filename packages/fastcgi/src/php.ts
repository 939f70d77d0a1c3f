// Which PHP script answers a request: a look at the disk, by the rules nginx's try_files and Caddy's php_fastcgi have made usual.
// Sources: https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files; RFC 3875 §4.1.5, §9.8; requirements FC7, FC8, S15, S16.

import { lstatSync, realpathSync, statSync, type Stats } from "node:fs";
import { isAbsolute } from "node:path";
import {
  GatewayError,
  checkOptions,
  latin1Encode,
  nativeString,
  type AsgiApp,
  type OptionNames,
} from "@tsgi/core";
import { isPlainPath, isScript, splitsOf, type SplitPath } from "./php-split.ts";

/** What `fromFastCgi` must know of a PHP application. */
export interface PhpOptions {
  /**
   * The directory the path of a request is looked up in, without the mount prefix: an absolute path, as PHP sees it. It becomes
   * DOCUMENT_ROOT, and SCRIPT_FILENAME begins with it.
   */
  readonly root: string;
  /** The script of a directory, and of what `tryFiles` does not find. Default: `"index.php"`. */
  readonly index?: string;
  /** What the name of a script ends in, octet for octet. Default: `[".php"]`. */
  readonly split?: readonly string[];
  /**
   * What is looked for below `root`, in this order; 404 if nothing of it is there. `$uri` stands for the path; what ends in a
   * slash is a directory, whose `index` is meant; behind the name of a script may follow PATH_INFO (`"/index.php$uri"`). `false` does
   * not look at the disk, for a PHP on another machine: a path that names no script is given to `index`, and PHP needs
   * `cgi.fix_pathinfo=0`, else it runs `upload.jpg` for `/upload.jpg/x.php`. Default: `["$uri", "$uri/", "/index.php"]`.
   */
  readonly tryFiles?: readonly string[] | false;
  /** Whether a script may be reached by a symbolic link that leads out of `root`. Default: `false`: it is not found. */
  readonly followSymlinks?: boolean;
  /**
   * Serves what is a file below `root` but no script: pictures, style sheets. Its lifespan is not run. Default: 404, as the text of a
   * file may be secret.
   */
  readonly files?: AsgiApp;
}

const OPTIONS: OptionNames<PhpOptions> = {
  root: true,
  index: true,
  split: true,
  tryFiles: true,
  followSymlinks: true,
  files: true,
};

/** {@link PhpOptions}, checked and complete; paths as octets. */
export interface PhpSettings {
  readonly root: string;
  readonly index: string;
  readonly split: readonly string[];
  readonly tryFiles: readonly string[] | null;
  readonly followSymlinks: boolean;
  readonly files: AsgiApp | null;
  readonly windows: boolean;
}

/** What is to be done with a request: run a script, send the client to the path with a slash, serve a file, or answer 404. */
export type PhpRoute = SplitPath | "slash" | "file" | null;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GatewayError} `TSGI_ERR_OPTION`
 */
export function phpSettings(options: PhpOptions): PhpSettings {
  checkOptions(options, OPTIONS);
  const { root, index = "index.php", split = [".php"], followSymlinks = false, files = null } = options;
  const { tryFiles = ["$uri", "$uri/", `/${index}`] } = options;
  if (typeof root !== "string" || !isAbsolute(root) || root.includes("\0")) {
    throw wrong(`php.root is an absolute path, not ${JSON.stringify(root)}`);
  }
  if (!Array.isArray(split) || split.length === 0 || !split.every(isExtension)) {
    throw wrong(`php.split is a list of extensions such as ".php", not ${JSON.stringify(split)}`);
  }
  const extensions = split.map(nativeString);
  if (typeof index !== "string" || index.includes("/") || !isScript(`/${nativeString(index)}`, extensions)) {
    throw wrong(`php.index is the name of a script, not ${JSON.stringify(index)}`);
  }
  if (tryFiles !== false && !(Array.isArray(tryFiles) && tryFiles.every(isCandidate))) {
    throw wrong(
      `php.tryFiles is false or a list of paths that begin with a slash or $uri, not ${JSON.stringify(tryFiles)}`,
    );
  }
  if (typeof followSymlinks !== "boolean") throw wrong("php.followSymlinks is true or false");
  if (files !== null && typeof files !== "function") throw wrong("php.files is an app");
  return {
    root: nativeString(root).replace(/\/$/, ""),
    index: nativeString(index),
    split: extensions,
    tryFiles: tryFiles === false ? null : tryFiles.map(nativeString),
    followSymlinks,
    files,
    windows: process.platform === "win32",
  };
}

/**
 * Finds the script for a path, which is decoded, without the mount prefix, and a binary string. It waits for the disk, as nginx does:
 * what is known to the kernel takes microseconds, and a thread for it would cost the most of a request.
 */
export function routePhp(path: string, settings: PhpSettings): PhpRoute {
  if (!isPlainPath(path, settings.windows)) return null;
  if (settings.tryFiles === null) return unseen(path, settings);
  for (const template of settings.tryFiles) {
    const candidate = template.replaceAll("$uri", () => path);
    const route = lookUp(candidate, settings) ?? indexOf(candidate, settings);
    if (route === null) continue;
    // Relative links of that page would lead a directory too high.
    return template === "$uri/" && !path.endsWith("/") && route !== "file" ? "slash" : route;
  }
  return null;
}

/** A path of a disk that is not ours to look at. */
function unseen(path: string, { split, index }: PhpSettings): SplitPath {
  const named = splitsOf(path, split)[0];
  return named ?? { script: (path.endsWith("/") ? path : "/") + index, pathInfo: "" };
}

function indexOf(directory: string, settings: PhpSettings): PhpRoute {
  return directory.endsWith("/") ? lookUp(directory + settings.index, settings) : null;
}

function lookUp(path: string, settings: PhpSettings): PhpRoute {
  for (const split of splitsOf(path, settings.split)) {
    const kind = kindOf(split.script, settings);
    if (kind === "file") return split;
    // Below what is no directory there is nothing either.
    if (kind === null) return null;
  }
  return !isScriptInAnyCase(path, settings.split) && kindOf(path, settings) === "file" ? "file" : null;
}

/** A disk that does not know letter case (macOS, Windows) finds `/a.php` as `/A.PHP`: its text is for nobody. */
function isScriptInAnyCase(path: string, split: readonly string[]): boolean {
  return isScript(
    path.toLowerCase(),
    split.map((extension) => extension.toLowerCase()),
  );
}

/** What a path is: a regular file, a directory, or nothing that would be served. */
function kindOf(path: string, settings: PhpSettings): "file" | "directory" | null {
  try {
    const file = pathBytes(settings.root + path);
    const found = settings.followSymlinks ? statSync(file) : statWithin(file, settings.root);
    if (found === null) return null;
    if (found.isDirectory()) return "directory";
    return found.isFile() ? "file" : null;
  } catch {
    // Not there, not ours to see, or a name no file can have.
    return null;
  }
}

/** The state of a file, if it lies in the directory when all links are followed. */
function statWithin(file: Buffer, root: string): Stats | null {
  const encoding = "buffer";
  const real = realpathSync.native(file, { encoding });
  const realRoot = realpathSync.native(pathBytes(`${root}/`), { encoding });
  const inside =
    realRoot.length === 1 ||
    (real.subarray(0, realRoot.length).equals(realRoot) && isSlash(real[realRoot.length]));
  // Not `stat`: nothing is left to follow, unless somebody is changing it right now.
  return inside ? lstatSync(real) : null;
}

function isSlash(octet: number | undefined): boolean {
  return octet === 0x2f || octet === 0x5c || octet === undefined;
}

/** File names are octets, and so are ours. Windows has characters. */
function pathBytes(binary: string): Buffer {
  const bytes = latin1Encode(binary);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isExtension(extension: unknown): boolean {
  return typeof extension === "string" && /^\.[^/\0]+$/.test(extension);
}

function isCandidate(candidate: unknown): boolean {
  if (typeof candidate !== "string" || !/^(?:\/|\$uri)/.test(candidate)) return false;
  return isPlainPath(candidate.replaceAll("$uri", "/x"), false);
}

function wrong(message: string): GatewayError {
  return new GatewayError("TSGI_ERR_OPTION", message);
}
