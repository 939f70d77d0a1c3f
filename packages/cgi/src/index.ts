// @tsgi/cgi: a portable app as a CGI program, and a CGI program as a portable app.

export type { AsgiApp, WsgiApp } from "@tsgi/core";
export { encodeFields, encodeHead, encodeLocalRedirect } from "./encode-head.ts";
export { META_OPTIONS, metaSettings, type MetaOptions, type MetaSettings } from "./meta-settings.ts";
export { addMetaVariable, bodyLengthOf, metaVariables, type MetaVariables } from "./meta-variables.ts";
export { scopeFromMetaVariables, type CgiExtension } from "./scope-from-meta-variables.ts";
