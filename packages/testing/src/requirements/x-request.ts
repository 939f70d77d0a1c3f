// Requirements X1 to X16: one request, seen alike through every interface.
// Source: PEP 3333; ASGI www 2.5; RFC 3875; RFC 9112.

/** The requirements of the group "Cross-mapping: request". */
export const xRequest = {
  X1: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "The method is the same upper-case text in every interface, unknown ones included, and a method that a fetch Request forbids (CONNECT, TRACE, TRACK) is answered 501 or 405 without building one.",
    source: "RFC 9110, 9.1; WHATWG Fetch, Methods",
  },
  X2: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "`REQUEST_URI` and `raw_path` carry the target as it was received (dot segments, `%2F`, double slashes, backslashes and raw octets unchanged) from `req.url`, `originalUrl` and their like, and from a normalised fetch URL only as a best effort.",
    source: "RFC 9112, 3.2; WHATWG URL",
  },
  X3: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "An absolute-form target gives its path and query while `REQUEST_URI` and Host stay as sent, authority-form exists for CONNECT only (501), and `*` for OPTIONS only.",
    source: "RFC 9112, 3.2",
  },
  X4: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "`path` is the once-decoded UTF-8 reading of the same octets that `SCRIPT_NAME` and `PATH_INFO` together hold, mount prefix included, and both directions of the conversion round-trip.",
    source: "ASGI www 2.5, WSGI Compatibility; RFC 3875, 4.1.5",
  },
  X5: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "The mount prefix is split off at a segment boundary only, and when a proxy has already removed it, `SCRIPT_NAME` is `root_path` and `PATH_INFO` the path received, while `path` gets `root_path` put in front.",
    source: "ASGI www 2.5, WSGI Compatibility; asgiref issue 424",
  },
  X6: {
    group: "Cross-mapping: request",
    milestone: "frameworks",
    text: "The mount prefix comes from Express `baseUrl`, the Fastify instance prefix, the Hono option, CGI `SCRIPT_NAME` or the Node option `rootPath`; nested mounts add up, the root mount is empty, no trailing slash is kept, and exactly at the mount `PATH_INFO` is empty.",
    source: "Express req.baseUrl; Fastify prefix; Hono app.mount",
  },
  X7: {
    group: "Cross-mapping: request",
    milestone: "frameworks",
    text: "A framework hosted as an app sees the URL below its mount, still encoded (from `raw_path` where known) and with its query: Express has `baseUrl` and `originalUrl`, Fastify the raw `req.url`, and fetch and Hono a full absolute URL.",
    source: "Express req.originalUrl; Hono getPath; WHATWG URL",
  },
  X8: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "`QUERY_STRING` and `query_string` are the undecoded text after the first `?` or empty, never with a fragment, and an empty query shows only in the raw target.",
    source: "RFC 3875, 4.1.7; RFC 3986, 3.4",
  },
  X9: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "`SERVER_PROTOCOL` and `http_version` correspond: HTTP/1.1 and `1.1`, HTTP/2.0 (or HTTP/2) and `2`, HTTP/3.0 and `3`, with `INCLUDED` read as `1.0` and an unknown version behind fetch as `1.1`.",
    source: "RFC 3875, 4.1.16; RFC 9110, 2.5",
  },
  X10: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "The scheme is the same in `wsgi.url_scheme`, `scope.scheme`, the variable HTTPS, the Node socket and the frameworks' own property, with `ws` for `http` and `wss` for `https` in a websocket scope.",
    source: "ASGI www 2.5, WSGI Compatibility",
  },
  X11: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "`SERVER_NAME` and `SERVER_PORT` are strings from `scope.server`; for a wildcard, Unix or unknown listener they come from the Host header, and failing that are `localhost` and the default port of the scheme.",
    source: "ASGI www 2.5, WSGI Compatibility; RFC 3875, 4.1.14 and 4.1.15",
  },
  X12: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "The client's ip and port are the same in every interface, a mapped IPv4 address is written as plain IPv4, an unknown client is null in `scope` and an absent `REMOTE_ADDR` in `environ`, and `REMOTE_HOST` is set only for CGI and FastCGI programs.",
    source: "RFC 3875, 4.1.8; RFC 4291, 2.5.5.2",
  },
  X13: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "X-Forwarded and Forwarded headers count only through the trusted-proxy layer, which takes the rightmost untrusted address of a list of ips, CIDR ranges or Unix peers, never believes a malformed entry nor anything beyond it, rewrites scheme, client (port 0 when unknown) and host, and leaves the headers in place.",
    source: "RFC 7239; uvicorn ProxyHeadersMiddleware",
  },
  X14: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "A request header with an underscore in its name is dropped from `environ` and kept in `scope` by default, and the option `headerMap` drops, refuses with 400 or admits such names, with a list of exceptions.",
    source: "RFC 9110, 17.10; gunicorn header_map",
  },
  X15: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "From `environ` to `scope`, `HTTP_FOO_BAR` becomes `foo-bar` in insertion order, `CONTENT_TYPE` and `CONTENT_LENGTH` count only when not empty, `HTTP_CONTENT_` names and `HTTP_PROXY` are dropped, and joined values stay joined.",
    source: "RFC 3875, 4.1.18",
  },
  X16: {
    group: "Cross-mapping: request",
    milestone: "core",
    text: "Duplicate request headers are taken from the raw list wherever one exists, and a duplicate Host, Content-Length or Content-Type is answered 400.",
    source: "RFC 9110, 5.3; RFC 9112, 3.2 and 6.3",
  },
} as const;
