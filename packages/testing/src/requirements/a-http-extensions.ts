// Requirements A51 to A58: early hints, trailers, files, push, debug and TLS.
// Source: ASGI extensions; ASGI TLS 0.2.

/** The requirements of the group "ASGI: http extensions". */
export const aHttpExtensions = {
  A51: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "`http.response.early_hint`, any number of times before the start, writes one 103 with a Link field per trimmed element of `links`; after the start or with CR or LF in a link it rejects, and on HTTP/1.0 it is skipped silently.",
    source: "ASGI extensions, HTTP Early Hints; asgiref pull request 579; RFC 8297",
  },
  A52: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "With `trailers` true the response stays open after its last body event until a trailers event with `more_trailers` false; the fields of several events add up, go out only when the request lists `trailers` in TE and the framing allows it (otherwise they are dropped and the response still ends), and a forbidden trailer name rejects.",
    source: "ASGI extensions, HTTP Trailers; RFC 9110, 6.5",
  },
  A53: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "A response that announced trailers and never sends them is incomplete and aborted, and a trailers event that was not announced in the start rejects.",
    source: "ASGI extensions, HTTP Trailers",
  },
  A54: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "`http.response.pathsend` with an absolute path sends that file exactly once as the whole body, never mixed with body events and without bytes for HEAD; a file that cannot be read is a 500 before the head and an abort after it.",
    source: "ASGI extensions, Path Send",
  },
  A55: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "`http.response.zerocopysend` sends `count` bytes (by default all up to the end) of an open file from `offset`, or from the file's current position which it then advances; it mixes with body events, and the server never closes the file.",
    source: "ASGI extensions, Zero Copy Send",
  },
  A56: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "`http.response.push` is advertised only where HTTP/2 push is possible, is accepted between the start and the last body event, uses the authority of the request that triggers it and refuses pseudo-headers; a server may ignore it.",
    source: "ASGI extensions, HTTP/2 Server Push",
  },
  A57: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "`http.response.debug` is offered by the test client only, once and before the start, and no production server advertises it.",
    source: "ASGI extensions, Debug",
  },
  A58: {
    group: "ASGI: http extensions",
    milestone: "core",
    text: "The `tls` extension is present exactly on TLS connections, always with all six keys (`server_cert`, `client_cert_chain`, `client_cert_name`, `client_cert_error`, `tls_version`, `cipher_suite`), a value the server cannot know being null or an empty array.",
    source: "ASGI TLS 0.2",
  },
} as const;
