// Requirements C9 to C27: what goes to stdout and stderr, and how the process ends.
// Source: RFC 3875, section 6.

/** The requirements of the group "CGI program: response and process". */
export const cResponse = {
  C9: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "The output is a `Status` line first, then one line per header, an empty line and the body, all lines ended by CRLF, with the app's reason or the standard one and, for an unknown code, at least the code and a space.",
    source: "RFC 3875, 6.3.3 and 8.2",
  },
  C10: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "Outside NPH mode no HTTP status line is ever written, and no Date or Server header is added.",
    source: "RFC 3875, 6.2; wsgiref.handlers",
  },
  C11: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "A non-empty body without a Content-Type gets `application/octet-stream`, never `text/html`; the `Status` line satisfies the rule that a CGI field be present.",
    source: "RFC 3875, 6.2.1; CVE-2020-24553",
  },
  C12: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "A redirect to a local path is always written as `Status` together with `Location`, so a web server sends it to the client instead of redirecting internally.",
    source: "RFC 3875, 6.2.2 and 6.2.3; measured: Apache 2.4, lighttpd 1.4.69",
  },
  C13: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "An internal redirect exists only as an explicit option, which writes exactly one `Location` line with a local path and an empty line, without `Status` and without a body.",
    source: "RFC 3875, 6.2.2",
  },
  C14: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "A response with two Content-Type, two Location or two Status fields is refused or reduced to one before output.",
    source: "RFC 3875, 6.3",
  },
  C15: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "Hop-by-hop response headers, Transfer-Encoding above all, are removed, because web servers pass them on raw or lose the body over them.",
    source: "RFC 3875, 6.3.4; measured: mini-httpd 1.30, lighttpd 1.4.69",
  },
  C16: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "CR, LF and NUL in a header name or value are refused where the app sets them and never reach stdout.",
    source: "RFC 3875, 6.3; RFC 9110, 5.5",
  },
  C17: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "Each header is written on one line, never with a continuation line.",
    source: "RFC 3875, 6.3",
  },
  C18: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "Content-Length is written only when it is exact; a body that differs from it is cut for a sync app and aborts the response of an async one.",
    source: "RFC 3875, 6.3; measured: Apache 2.4, lighttpd 1.4.69",
  },
  C19: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "Body bytes go to stdout unchanged, in binary mode on every operating system.",
    source: "RFC 3875, 6.4 and 7.2",
  },
  C20: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "A HEAD request is answered with headers only.",
    source: "RFC 3875, 4.3.3",
  },
  C21: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "A 204 or 304 is written without Content-Type, Content-Length and body.",
    source: "RFC 9110, 15.3.5 and 15.4.5",
  },
  C22: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "stdout is flushed after the head and after every chunk of the app, so a slow app streams through a web server that does not buffer.",
    source: "PEP 3333, Buffering and Streaming",
  },
  C23: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "Back-pressure of stdout reaches the app, and a closed stdout is a disconnect for the app after which the process exits soon, silently and without a stack trace.",
    source: "RFC 3875, 3.4",
  },
  C24: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "SIGTERM aborts the app's signal, and the process exits within the grace time.",
    source: "RFC 3875, 3.4",
  },
  C25: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "stderr carries only `wsgi.errors` and the log, and `console` output is sent there too so that it cannot corrupt the response on stdout.",
    source: "PEP 3333, Input and Error Streams",
  },
  C26: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "The exit code is 0 after any complete response, 4xx and 5xx included, and non-zero only when no valid response could be written; an app that throws before the head gives `Status: 500 Internal Server Error`.",
    source: "RFC 3875, 6.3.3; measured: Apache 2.4, lighttpd 1.4.69",
  },
  C27: {
    group: "CGI program: response and process",
    milestone: "cgi",
    text: "The process exits after the response is flushed and the after-response hooks have run, even with timers or sockets open, and never before stdout is fully written.",
    source: "RFC 3875, 3.4",
  },
} as const;
