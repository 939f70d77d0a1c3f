// @tsgi/cgi: a portable app as a CGI program, and a CGI program as a portable app.

export type { AsgiApp, WsgiApp } from "@tsgi/core";
