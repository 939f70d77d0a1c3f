// @tsgi/fastcgi: a portable app behind a web server over FastCGI, and a FastCGI upstream as a portable app.

export type { AsgiApp, WsgiApp } from "@tsgi/core";
export { serveFastCgi, type FastCgiServer } from "./serve-fastcgi.ts";
export type { FastCgiLimits, FastCgiOptions } from "./serve-options.ts";
export type { FastCgiExtension, RoleName } from "./request-scope.ts";
export type { FilterInput } from "./filter-data.ts";
export { fromFastCgi } from "./from-fastcgi.ts";
export type { FastCgiPoolOptions, FromFastCgiOptions } from "./from-fastcgi-options.ts";
export type { PhpOptions } from "./php.ts";
export type { FastCgiTarget } from "./target.ts";
export { fastCgiAuthorizer, type FastCgiAuthorizerOptions } from "./authorizer.ts";
