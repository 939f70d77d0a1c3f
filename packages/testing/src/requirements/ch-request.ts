// Requirements CH1 to CH12: how a CGI program is started and fed.
// Source: RFC 3875, sections 4 and 7; Go net/http/cgi.

/** The requirements of the group "CGI host: request". */
export const chRequest = {
  CH1: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "The program is started without any shell, with its own path as first argument and its own directory as working directory unless another is configured.",
    source: "RFC 3875, 7.2",
  },
  CH2: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "The child's environment is built from nothing: the meta-variables of RFC 3875 together with `REQUEST_URI`, `REQUEST_SCHEME`, `REMOTE_PORT`, `SCRIPT_FILENAME`, HTTPS, `REDIRECT_STATUS` 200, a default PATH and a short list of names the operating system needs, and nothing else of the parent.",
    source: "RFC 3875, 4.1; measured: PHP 8.2",
  },
  CH3: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "Configured variables override computed ones, the last of two equal names wins, and no other variable of the parent process reaches the child by default.",
    source: "measured: python http.server --cgi; Go net/http/cgi",
  },
  CH4: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "`SERVER_NAME` carries no port, and `SERVER_PORT` comes from the Host header or the listener, with 80 or 443 by scheme as default.",
    source: "RFC 3875, 4.1.14 and 4.1.15",
  },
  CH5: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "A root with trailing slashes is normalised, an empty root gives an empty `SCRIPT_NAME`, and a prefix matches on a segment boundary only, so `/test.cgix` is not under `/test.cgi`.",
    source: "RFC 3875, 4.1.13; Go net/http/cgi",
  },
  CH6: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "`PATH_INFO` is decoded; a decoded NUL is a 404, an encoded slash is refused with 404 or decoded by option, and `..` segments are resolved or refused before `PATH_TRANSLATED` is made.",
    source: "RFC 3875, 4.1.5 and 9.8; measured: Apache 2.4, lighttpd 1.4.69",
  },
  CH7: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "`PATH_TRANSLATED` is set exactly when `PATH_INFO` is not empty and a document root is configured.",
    source: "RFC 3875, 4.1.6",
  },
  CH8: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "`CONTENT_LENGTH` is set exactly when there is a body and `CONTENT_TYPE` exactly when the header is present, and neither appears with an `HTTP_` prefix.",
    source: "RFC 3875, 4.1.2 and 4.1.3",
  },
  CH9: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "A request body of unknown length is buffered up to a limit and given its exact `CONTENT_LENGTH`, and answered 411 above that limit or when buffering is off.",
    source: "RFC 3875, 4.2; measured: nginx 1.22, lighttpd 1.4.69",
  },
  CH10: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "Headers become `HTTP_` variables joined as in RFC 3875 (Cookie with semicolon and space), while names with a character outside letters, digits and hyphen, Proxy, the hop-by-hop fields and, unless an option passes them, Authorization and Proxy-Authorization are left out.",
    source: "RFC 3875, 4.1.18 and 9.2; measured: Apache 2.4",
  },
  CH11: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "A NUL in a header value is answered 400, and an environment too large for the operating system 431 or 500, without a crash.",
    source: "POSIX execve",
  },
  CH12: {
    group: "CGI host: request",
    milestone: "cgi",
    text: "stdin is exactly `CONTENT_LENGTH` bytes and then its end, streamed with back-pressure; a script that ignores it and exits causes no error and no hang, and its response may begin before the body is fully sent.",
    source: "RFC 3875, 3.4 and 4.2",
  },
} as const;
