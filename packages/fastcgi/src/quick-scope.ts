// The scope of a request whose parameters were quickly read.
// Sources: RFC 3875 §4.1; requirements F29 to F33. The rules are those of core and of @tsgi/cgi.

import { pathsOf, type MetaSettings } from "@tsgi/cgi";
import {
  keepTarget,
  schemeFromVariables,
  scopeFromVariables,
  type Extensions,
  type HttpScopeInit,
} from "@tsgi/core";
import type { QuickParams } from "./quick-params.ts";

/** Makes the scope, as `scopeFromMetaVariables` would of all parameters. The path in `params` is put right. */
export function quickScope(
  params: QuickParams,
  settings: MetaSettings,
  extensions: Extensions,
): HttpScopeInit {
  const { scriptName, pathInfo } = pathsOf(params, settings);
  params.SCRIPT_NAME = scriptName;
  params.PATH_INFO = pathInfo;
  const scheme = schemeFromVariables(params.HTTPS, params.REQUEST_SCHEME);
  const scope = scopeFromVariables(params, scheme, params.headers, extensions);
  if (params.REQUEST_URI !== "") keepTarget(scope, params.REQUEST_URI);
  return scope;
}
