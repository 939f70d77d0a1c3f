// What web servers get wrong in their meta-variables, put right: where the mount prefix ends, slashes they merged, octets that were lost.
// Sources: RFC 3875 §4.1.5, §4.1.13; requirements C30, C32 to C36, F32, measured on nginx, Apache, lighttpd, Caddy, HAProxy.

import { percentDecode, splitTarget, textOfNative } from "@tsgi/core";
import type { MetaSettings } from "./meta-settings.ts";
import { metaVariables, type MetaVariables } from "./meta-variables.ts";

/** The meta-variables put right: the very ones, if nothing is wrong with them, else a copy. */
export function corrected(meta: MetaVariables, settings: MetaSettings): MetaVariables {
  const { SCRIPT_NAME = "", PATH_INFO = "" } = meta;
  const paths = pathsOf(meta, settings);
  const authorization = authorizationOf(meta, settings);
  const { HTTP_AUTHORIZATION } = meta;
  if (
    paths.scriptName === SCRIPT_NAME &&
    paths.pathInfo === PATH_INFO &&
    authorization === HTTP_AUTHORIZATION
  ) {
    return meta;
  }
  const copy: MetaVariables = Object.assign(metaVariables(), meta);
  copy["SCRIPT_NAME"] = paths.scriptName;
  copy["PATH_INFO"] = paths.pathInfo;
  if (authorization !== undefined) copy["HTTP_AUTHORIZATION"] = authorization;
  return copy;
}

/** Where the path is split. */
export interface Paths {
  readonly scriptName: string;
  readonly pathInfo: string;
}

/** The variables that tell of the path. */
export interface PathVariables {
  readonly REQUEST_URI?: string;
  readonly SCRIPT_NAME?: string;
  readonly PATH_INFO?: string;
  readonly PATH_TRANSLATED?: string;
}

/** SCRIPT_NAME and PATH_INFO put right. */
export function pathsOf(meta: PathVariables, { scriptName, iis }: MetaSettings): Paths {
  const sent = iis === false ? asSent(meta) : fromIis(meta, iis);
  const requested = requestedPath(meta.REQUEST_URI ?? "", sent);
  if (scriptName !== null) return mountedAt(scriptName, requested, sent);
  if (requested === "" || isJoined(requested, sent)) return sent;
  const rest = below(requested, sent.scriptName);
  // Whoever rewrites a path, or resolves its dots, has its way; who only merges slashes, or loses octets, has not.
  return rest !== null && alike(rest) === alike(sent.pathInfo)
    ? { scriptName: requested.slice(0, requested.length - rest.length), pathInfo: rest }
    : sent;
}

/**
 * The path of REQUEST_URI, decoded; `""` if it does not count: where dots are in it that the web server has resolved, its access rules
 * were about what came of them.
 */
function requestedPath(target: string, { scriptName, pathInfo }: Paths): string {
  if (target === "" || target === "*") return "";
  const path = percentDecode(splitTarget(target).rawPath);
  if (!hasDotSegment(path)) return path;
  const whole = scriptName + pathInfo;
  return whole === "" || alike(whole) === alike(path) ? path : "";
}

const DOT_SEGMENT = /\/\.\.?(?:\/|$)/;

function hasDotSegment(path: string): boolean {
  return path.includes("/.") && DOT_SEGMENT.test(path);
}

function asSent({ SCRIPT_NAME = "", PATH_INFO = "" }: PathVariables): Paths {
  return { scriptName: SCRIPT_NAME, pathInfo: PATH_INFO };
}

/** Whether a path is what these two make, without joining them. */
function isJoined(path: string, { scriptName, pathInfo }: Paths): boolean {
  return (
    path.length === scriptName.length + pathInfo.length &&
    path.startsWith(scriptName) &&
    path.endsWith(pathInfo)
  );
}

/** The path split at a prefix that somebody told us. */
function mountedAt(scriptName: string, requested: string, sent: Paths): Paths {
  const whole = sent.scriptName + sent.pathInfo;
  const pathInfo = below(requested, scriptName) ?? below(whole, scriptName);
  if (pathInfo !== null) return { scriptName, pathInfo };
  // Not below the prefix: something in front has taken it off.
  return { scriptName, pathInfo: whole === "*" ? "" : whole };
}

/** What follows the prefix in a path that is below it, else `null`. A prefix may have lost octets: it agrees as text, too. */
function below(path: string, prefix: string): string | null {
  const end = prefix.length;
  if (path === "") return null;
  if (path.startsWith(prefix) && (end === 0 || path.length === end || path[end] === "/")) {
    return path.slice(end);
  }
  const start = path.split("/", prefix.split("/").length).join("/");
  return textOfNative(start) === textOfNative(prefix) ? path.slice(start.length) : null;
}

/** What is left of a path whose slashes were merged and whose octets were taken for UTF-8: two that agree in this are the same. */
function alike(path: string): string {
  return textOfNative(path).replace(/\/{2,}/g, "/");
}

/** @see wsgiref.handlers IISCGIHandler; Plack::Middleware::IIS6ScriptNameFix */
function fromIis(meta: PathVariables, iis: true | "iis6" | "iis7"): Paths {
  const { SCRIPT_NAME = "", PATH_INFO = "", PATH_TRANSLATED = "" } = meta;
  if (iis !== "iis6") {
    // Only at the end of a segment: /app is no prefix of /apple.
    const repeated = SCRIPT_NAME !== "" && `${PATH_INFO}/`.startsWith(`${SCRIPT_NAME}/`);
    return { scriptName: SCRIPT_NAME, pathInfo: repeated ? PATH_INFO.slice(SCRIPT_NAME.length) : PATH_INFO };
  }
  if (PATH_TRANSLATED === "") return asSent(meta);
  const names = PATH_INFO.split("/");
  const translated = PATH_TRANSLATED.split(/[/\\]/);
  let kept = names.length;
  while (kept > 1 && names[kept - 1] === translated.pop()) kept -= 1;
  const scriptName = names.slice(0, kept).join("/");
  return { scriptName, pathInfo: PATH_INFO.slice(scriptName.length) };
}

function authorizationOf(meta: MetaVariables, settings: MetaSettings): string | undefined {
  const { HTTP_AUTHORIZATION = "", Authorization = "", REDIRECT_HTTP_AUTHORIZATION = "" } = meta;
  if (HTTP_AUTHORIZATION !== "") return HTTP_AUTHORIZATION;
  if (Authorization !== "") return Authorization;
  if (settings.redirectAuthorization && REDIRECT_HTTP_AUTHORIZATION !== "")
    return REDIRECT_HTTP_AUTHORIZATION;
  return meta["HTTP_AUTHORIZATION"];
}
