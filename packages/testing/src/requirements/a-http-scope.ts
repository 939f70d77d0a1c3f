// Requirements A15 to A26: what an app is told about a request.
// Source: ASGI www 2.5, "HTTP Connection Scope".

/** The requirements of the group "ASGI: http scope". */
export const aHttpScope = {
  A15: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "An http scope has `type` http and an `http_version` of `1.0`, `1.1`, `2` or `3`, never `2.0`.",
    source: "ASGI www 2.5, HTTP Connection Scope; asgiref pull request 589",
  },
  A16: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`method` is in upper case, and methods nobody has heard of pass unchanged.",
    source: "ASGI www 2.5, HTTP Connection Scope",
  },
  A17: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`scheme` is `http` or `https`, taken from TLS or from a trusted proxy's X-Forwarded-Proto or Forwarded header, and never empty.",
    source: "ASGI www 2.5, HTTP Connection Scope",
  },
  A18: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`path` is the target without its query, percent-decoded once and read as UTF-8 (invalid octets leniently, without an exception, and `%2F` as a slash), with the mount prefix still in it.",
    source: "ASGI www 2.5, HTTP Connection Scope",
  },
  A19: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`raw_path` is a binary string of the exact octets of the target's path before any decoding and without query, from every adapter that can know them, and otherwise null.",
    source: "ASGI www 2.5, HTTP Connection Scope",
  },
  A20: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`query_string` is the raw, encoded text after the first `?`, or the empty string.",
    source: "ASGI www 2.5, HTTP Connection Scope",
  },
  A21: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`root_path` is the mount prefix, decoded like `path` and without a trailing slash, by default the empty string.",
    source: "ASGI www 2.5, HTTP Connection Scope",
  },
  A22: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`headers` is an array of name and value pairs in arrival order with duplicates kept apart, names in lower case and values as binary strings without outer white space; HTTP/2 pseudo-headers are absent except that `:authority` becomes the first entry, `host`, in place of any other.",
    source: "ASGI www 2.5, HTTP Connection Scope; RFC 9113, 8.3.1",
  },
  A23: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`client` is an ip and an integer port, or null (also for a Unix socket peer), and `server` is a host and an integer port, a socket path and null, or null; IPv6 stands without brackets and zone.",
    source: "ASGI www 2.5, HTTP Connection Scope",
  },
  A24: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "`state` is present exactly when lifespan state is supported, as a shallow copy for each request: a key assigned in one request is invisible in the next, while a change inside a shared object is seen.",
    source: "ASGI lifespan 2.0, Lifespan State",
  },
  A25: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "A chunked request arrives de-chunked, and its `transfer-encoding` header stays in the scope's `headers` (but not in a WSGI environ).",
    source: "ASGI www 2.5, HTTP Connection Scope; RFC 9112, 7.1",
  },
  A26: {
    group: "ASGI: http scope",
    milestone: "core",
    text: "An invalid or oversized request head is answered 400 or 431 by the server without calling the app, and a head that arrives in many fragments is read correctly.",
    source: "RFC 9112, 2.2 and 3; RFC 6585, 5",
  },
} as const;
