// Requirements F59 to F70: sockets, signals, limits and what is not offered.
// Source: FastCGI 1.0, sections 2 and 3.2.

/** The requirements of the group "FastCGI: listening and process". */
export const fProcess = {
  F59: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "Without an address, connections are accepted on fd 0 when it is a listening socket (a socket without a peer), as under spawn-fcgi, lighttpd and mod_fcgid, and stdin is not touched before that is known.",
    source: "FastCGI 1.0, 2.2",
  },
  F60: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "With neither a listening socket, nor a CGI environment, nor an address, the program ends with a clear error and a non-zero code, and logging never throws because stdout or stderr is closed.",
    source: "FastCGI 1.0, 2.2",
  },
  F61: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "It listens on host and port, on a port alone, on bracketed IPv6 and on Unix sockets, abstract ones included; a stale socket file is removed only when connecting to it fails, mode and owner can be set, and the file is removed at exit.",
    source: "FastCGI 1.0, 2.2; Plack::Handler::FCGI",
  },
  F62: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "When `FCGI_WEB_SERVER_ADDRS` is set, a peer that is not in its comma-separated list, any Unix socket peer included, is closed unread at accept; mapped IPv4 addresses match, white space is tolerated and a malformed list is a startup error.",
    source: "FastCGI 1.0, 3.2",
  },
  F63: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "Socket activation by `LISTEN_FDS` is supported, and several workers can share one listening socket.",
    source: "systemd sd_listen_fds; FastCGI 1.0, 2.2",
  },
  F64: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "SIGTERM or SIGUSR1 stops accepting, answers new requests on kept connections OVERLOADED, finishes the active ones, runs the lifespan shutdown and exits 0; a second SIGTERM or the time limit exits 1.",
    source: "FastCGI 1.0, 7; measured: mod_fcgid 2.3",
  },
  F65: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "SIGPIPE and errors of accept such as ECONNABORTED and EMFILE do not end the process.",
    source: "POSIX accept; libfcgi",
  },
  F66: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "Connections above the maximum are left in the backlog or closed, and `FCGI_MAX_CONNS` reports that maximum.",
    source: "FastCGI 1.0, 4.1",
  },
  F67: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "`FCGI_ROLE` names the role in `environ`, and every raw param is reachable there or in the `fastcgi` extension of the scope.",
    source: "FastCGI 1.0, 6; libfcgi",
  },
  F68: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "`http_version` comes from `SERVER_PROTOCOL` (HTTP/2.0 gives `2`, none gives `1.0`), and a missing `REQUEST_METHOD` is answered 400.",
    source: "RFC 3875, 4.1.12 and 4.1.16",
  },
  F69: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "WebSocket, early hints, trailers and push are never advertised on FastCGI.",
    source: "FastCGI 1.0, 6; RFC 3875",
  },
  F70: {
    group: "FastCGI: listening and process",
    milestone: "fastcgi",
    text: "Records are parsed as views of the read buffer without a copy each, the params become one map once, and output is gathered into few writes.",
    source: "FastCGI 1.0, 3.3",
  },
} as const;
