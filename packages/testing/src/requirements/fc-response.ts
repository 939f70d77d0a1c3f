// Requirements FC12 to FC26: reading an upstream's answer, failures and kept connections.
// Source: FastCGI 1.0, sections 5 and 6; behaviour of nginx and PHP.

/** The requirements of the group "FastCGI client: response and pool". */
export const fcResponse = {
  FC12: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "The response head is parsed like a CGI program's, even when its lines are split over STDOUT records at any byte or mixed with STDERR.",
    source: "RFC 3875, 6.3; FastCGI 1.0, Appendix B",
  },
  FC13: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "Padding, empty STDERR and STDOUT records and non-zero reserved bytes are accepted, and END_REQUEST without an empty STDOUT before it is a normal end.",
    source: "FastCGI 1.0, 3.3; measured: PHP-FPM 8.2",
  },
  FC14: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "An end before the head is complete is a 502, OVERLOADED a 503 (or a retry elsewhere when nothing was sent), CANT_MPX_CONN a retry and UNKNOWN_ROLE a 502, and a non-zero appStatus is logged.",
    source: "FastCGI 1.0, 5.5; nginx",
  },
  FC15: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "A record for an inactive id is ignored, while a wrong version, an unknown type or an unexpected id is a 502 and closes the connection.",
    source: "FastCGI 1.0, 3.3; nginx",
  },
  FC16: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "STDERR is logged by line and within a limit and never sent to the client, even when more than a megabyte of it precedes STDOUT, and configured patterns in it can make the answer a 502.",
    source: "FastCGI 1.0, 6.1; nginx",
  },
  FC17: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "The status is 200 by default and 302 for a Location without Status, and Status, X-Accel headers and X-Sendfile are not passed on.",
    source: "RFC 3875, 6.2 and 6.3.3; nginx",
  },
  FC18: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "Output beyond Content-Length is dropped and its connection not used again, too little aborts the client, and the body of HEAD, 204 and 304 is discarded but read to its end.",
    source: "RFC 9110, 8.6; nginx",
  },
  FC19: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "A pooled connection is used again only when END_REQUEST was read, nothing follows it and STDIN was fully written; one that fails on reuse before any response byte is retried once on a fresh connection when the request is idempotent or its body can be sent again.",
    source: "FastCGI 1.0, 5.1; RFC 9110, 9.2.2",
  },
  FC20: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "When the client goes away the upstream connection is closed, or, when it is multiplexed, ABORT_REQUEST is sent and END_REQUEST awaited.",
    source: "FastCGI 1.0, 5.4; measured: PHP-FPM 8.2",
  },
  FC21: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "Connecting, writing, the first byte (504) and reading (an abort) each have a time limit, and the pool limits connections, idle connections, idle time and its queue (503).",
    source: "RFC 9110, 15.6.4 and 15.6.5",
  },
  FC22: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "STDOUT is passed on as it arrives, so server-sent events work.",
    source: "FastCGI 1.0, 6.1",
  },
  FC23: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "An upstream that cannot be connected to is a 502 that shows no path or address, after any further configured addresses have been tried.",
    source: "RFC 9110, 15.6.3",
  },
  FC24: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "The optional authorizer client merges the `Variable-` headers of a 200 into the variables of the next app, names checked and prefix removed, and returns any other status to the client.",
    source: "FastCGI 1.0, 6.3",
  },
  FC25: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "The filter role is not offered on the client side, because no server in use needs it.",
    source: "FastCGI 1.0, 6.4",
  },
  FC26: {
    group: "FastCGI client: response and pool",
    milestone: "fastcgi",
    text: "The client works over TCP, with TCP_NODELAY, and over Unix sockets.",
    source: "FastCGI 1.0, 2.2",
  },
} as const;
