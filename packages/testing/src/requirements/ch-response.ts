// Requirements CH13 to CH32: reading a CGI program's output and ending its process.
// Source: RFC 3875, section 6; Go net/http/cgi.

/** The requirements of the group "CGI host: response and process". */
export const chResponse = {
  CH13: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "The output head accepts LF and CRLF mixed and ends at an empty line; a line without a colon, a name that is not a token, a space before the colon or a head over its limits (64 KiB by default) is a 500.",
    source: "RFC 3875, 6.3 and 7.2; measured: Apache 2.4",
  },
  CH14: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "No output, an end before the empty line and an empty header block are each a 500.",
    source: "RFC 3875, 6.2; measured: Apache 2.4",
  },
  CH15: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A head with neither Content-Type nor Status nor Location is a 500, and a head with only a Status is accepted without inventing a Content-Type.",
    source: "RFC 3875, 6.3.1",
  },
  CH16: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "`Status` gives the code by its first three digits and its reason where HTTP/1 allows it; anything short, non-numeric or outside 100 to 999 is a 500, and Status itself is not passed on as a header.",
    source: "RFC 3875, 6.3.3",
  },
  CH17: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A Location with an absolute URI and no Status is a 302 to the client.",
    source: "RFC 3875, 6.2.3",
  },
  CH18: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A Location with a local path, alone and without Status, is dispatched again internally as a GET without body to the configured app, at most ten times and then a 500; without such an app, or when it starts with `//`, it is a 302 to the client.",
    source: "RFC 3875, 6.2.2; measured: Apache 2.4, lighttpd 1.4.69",
  },
  CH19: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A Location together with a Status and a body is passed on as it is.",
    source: "RFC 3875, 6.2.4",
  },
  CH20: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "Other headers are copied with duplicates kept and hop-by-hop and `X-CGI-` headers removed; Content-Length is trusted as an upper bound only, so a longer body is cut and logged and a shorter one aborts the connection.",
    source: "RFC 3875, 6.3.4 and 6.3.5; measured: Apache 2.4",
  },
  CH21: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "The body a script writes for a HEAD request, a 204 or a 304 is discarded.",
    source: "RFC 3875, 4.3.3; RFC 9110, 15.3.5 and 15.4.5",
  },
  CH22: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "Output is passed on as it is produced, and back-pressure pauses the child.",
    source: "RFC 3875, 6.4",
  },
  CH23: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "The script's stderr goes line by line to the log with the script's name, within a limit, and never into the response.",
    source: "Go net/http/cgi Handler.Stderr",
  },
  CH24: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A client that goes away or cannot be written to ends the child with SIGTERM and, after the grace time, SIGKILL, leaving neither a zombie nor an open pipe.",
    source: "RFC 3875, 3.4",
  },
  CH25: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A child that does not deliver its head in time is killed and answered 504, and one that stalls in the body or exceeds the total time is killed and the response aborted.",
    source: "RFC 3875, 6.1; Apache CGIDScriptTimeout",
  },
  CH26: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A non-zero exit or a signal after a complete head leaves the response as it is and is logged, and before the head it is a 500.",
    source: "RFC 3875, 6.1; measured: Apache 2.4, lighttpd 1.4.69",
  },
  CH27: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "A program that cannot be started is a 500 (a 404 when a served directory lacks the file), logged without showing a path to the client.",
    source: "POSIX execve",
  },
  CH28: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "In directory mode the script is the longest prefix that is a regular executable file inside the root after links are resolved, the remainder is `PATH_INFO`, and dot files, `..`, its encoded forms and links that leave the root are refused.",
    source: "RFC 3875, 3.2 and 9.8; fcgiwrap",
  },
  CH29: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "The output of an NPH script is read as a full HTTP/1 response, its hop-by-hop headers dropped and its body streamed.",
    source: "RFC 3875, 5.2",
  },
  CH30: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "The query is never passed to a program as command-line arguments.",
    source: "RFC 3875, 4.4; CVE-2012-1823",
  },
  CH31: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "The number of children is limited: above it requests wait in a bounded queue and then get a 503, and children still running at shutdown are killed after the grace time.",
    source: "RFC 9110, 15.6.4",
  },
  CH32: {
    group: "CGI host: response and process",
    milestone: "cgi",
    text: "X-Sendfile and X-Accel-Redirect from a script are ignored unless a root is configured, and their path must then stay inside it.",
    source: "nginx X-Accel-Redirect; Apache mod_xsendfile",
  },
} as const;
