// Requirements C1 to C8: detecting CGI, the environ and stdin.
// Source: RFC 3875, sections 4.1 and 4.2.

/** The requirements of the group "CGI program: start and request body". */
export const cRequest = {
  C1: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "CGI is recognised by `REQUEST_METHOD` in the process environment and FastCGI by a listening socket on fd 0; with neither, the program prints its usage to stderr, writes nothing to stdout and exits with code 64.",
    source: "RFC 3875, 4.1.12; FastCGI 1.0, 2.2",
  },
  C2: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "The environ holds the documented meta-variables and the `HTTP_` variables only, the rest of the process environment on request, and no name from the operating system replaces request data.",
    source: "RFC 3875, 4.1; PEP 3333, The Server/Gateway Side",
  },
  C3: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "A missing `SERVER_PROTOCOL` or the value `INCLUDED` means HTTP/1.0, and a value that cannot be parsed is answered 400.",
    source: "RFC 3875, 4.1.16",
  },
  C4: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "A missing `QUERY_STRING`, `SCRIPT_NAME` or `PATH_INFO` becomes the empty string, and a `SCRIPT_NAME` of just `/` is moved to `PATH_INFO`.",
    source: "RFC 3875, 4.1.5, 4.1.7 and 4.1.13",
  },
  C5: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "A `CONTENT_LENGTH` that is absent, empty or `0` means no body, `-1` means a body up to the end of stdin, and any other value that is not plain digits up to 2^53 is answered 400.",
    source: "RFC 3875, 4.1.2; measured: Caddy 2.6",
  },
  C6: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "At most `CONTENT_LENGTH` bytes are read from stdin, so a request finishes even while the web server keeps that pipe open.",
    source: "RFC 3875, 4.2; measured: mini-httpd 1.30",
  },
  C7: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "A stdin that ends before `CONTENT_LENGTH` gives an async app `http.disconnect` and is answered 400 before a sync app is called.",
    source: "RFC 3875, 9.6; FastCGI 1.0, 6.2",
  },
  C8: {
    group: "CGI program: start and request body",
    milestone: "cgi",
    text: "With `HTTP_TRANSFER_ENCODING` and no `CONTENT_LENGTH` the body is everything up to the end of stdin.",
    source: "RFC 3875, 4.2; measured: nginx 1.22, lighttpd 1.4.69",
  },
} as const;
