// @tsgi/fastcgi: a portable app behind a web server over FastCGI, and a FastCGI upstream as a portable app.

export type { AsgiApp, WsgiApp } from "@tsgi/core";
