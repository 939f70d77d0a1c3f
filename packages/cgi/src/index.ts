// @tsgi/cgi: a portable app as a CGI program, and a CGI program as a portable app.

export type { AsgiApp, WsgiApp } from "@tsgi/core";
export { encodeFields, encodeHead, encodeLocalRedirect } from "./encode-head.ts";
export { corrected, pathsOf, type Paths, type PathVariables } from "./meta-corrections.ts";
export { META_OPTIONS, metaSettings, type MetaOptions, type MetaSettings } from "./meta-settings.ts";
export {
  addMetaVariable,
  bodyLengthOf,
  metaVariables,
  type LengthVariables,
  type MetaVariables,
} from "./meta-variables.ts";
export { scopeFromMetaVariables, type CgiExtension } from "./scope-from-meta-variables.ts";
export { serveCgi, type ServeCgiOptions } from "./serve-cgi.ts";
export { cgiDirectory, type CgiDirectoryOptions } from "./cgi-directory.ts";
export type { ScriptOptions } from "./script-options.ts";
export { fromCgi, type FromCgiOptions } from "./from-cgi.ts";
export { HeadParser, type HeadLimits } from "./head-parser.ts";
export { packCgi, type PackCgiOptions } from "./pack-cgi.ts";
export { RequestRefused } from "./request-refused.ts";
export { scriptHead, type HeadRules, type ScriptHead } from "./script-head.ts";
export { ScriptResponse, type ScriptResponseOptions } from "./script-response.ts";
export { sizedBody, type BodyRules, type SizedBody } from "./sized-body.ts";
export { StderrLines } from "./stderr-lines.ts";
export { variablesFromScope, type VariableOptions } from "./variables-from-scope.ts";
