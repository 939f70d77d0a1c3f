// @tsgi/fastcgi: a portable app behind a web server over FastCGI, and a FastCGI upstream as a portable app.

export type { AsgiApp, WsgiApp } from "@tsgi/core";
export { serveFastCgi, type FastCgiServer } from "./serve-fastcgi.ts";
export type { FastCgiLimits, FastCgiOptions } from "./serve-options.ts";
export type { FastCgiExtension, RoleName } from "./request-scope.ts";
export type { FilterInput } from "./filter-data.ts";
