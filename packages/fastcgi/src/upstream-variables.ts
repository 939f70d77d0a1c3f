// The variables an upstream is told, and for PHP the script they name.
// Sources: requirements FC7, FC8, FC9; https://www.nginx.com/resources/wiki/start/topics/examples/phpfcgi/ (PATH_INFO, SCRIPT_NAME).

import { variablesFromScope, type MetaVariables } from "@tsgi/cgi";
import { bracketed, defaultPort, nativeString, pathParts, type HttpScope } from "@tsgi/core";
import type { FastCgiSettings } from "./from-fastcgi-options.ts";
import { routePhp, type PhpSettings } from "./php.ts";
import type { SplitPath } from "./php-split.ts";

/** The variables; or what is to be done without an upstream. */
export type Route = MetaVariables | "slash" | "file" | "none";

/**
 * Makes the variables of a request.
 *
 * @throws {@link RequestRefused} with the status to answer.
 */
export function upstreamVariables(scope: HttpScope, settings: FastCgiSettings): Route {
  const { php } = settings;
  if (php === null) return completed(variablesFromScope(scope, settings.variables), scope, settings);
  const { scriptName, pathInfo } = pathParts(scope);
  // Exactly at the mount prefix: relative links would lead a directory too high.
  const route = pathInfo === "" ? "slash" : routePhp(pathInfo, php);
  if (typeof route === "string") return route;
  if (route === null) return "none";
  const names = { scriptName: scriptName + route.script, pathInfo: route.pathInfo };
  const params = variablesFromScope(scope, { ...settings.variables, ...names });
  addScript(params, route, php);
  return completed(params, scope, settings);
}

function addScript(params: MetaVariables, { script, pathInfo }: SplitPath, { root }: PhpSettings): void {
  params["SCRIPT_FILENAME"] = root + script;
  params["DOCUMENT_ROOT"] = root === "" ? "/" : root;
  if (pathInfo !== "") params["PATH_TRANSLATED"] = root + pathInfo;
}

/** The variables that are always there, and those that the options add. */
export function completed(
  params: MetaVariables,
  scope: HttpScope,
  { paramsOf }: FastCgiSettings,
): MetaVariables {
  // Of a client of HTTP/1.0, who need not say whom it means.
  if (params["HTTP_HOST"] === undefined) {
    const { SERVER_NAME: name = "localhost", SERVER_PORT: port = "" } = params;
    params["HTTP_HOST"] =
      port === defaultPort(scope.scheme) || port === "" ? name : `${bracketed(name)}:${port}`;
  }
  for (const [name, value] of Object.entries(paramsOf(scope))) params[name] = nativeString(value);
  return params;
}
