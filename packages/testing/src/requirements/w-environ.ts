// Requirements W1 to W20: what the environ of a sync app holds.
// Source: PEP 3333, "environ Variables"; RFC 3875, section 4.1.

/** The requirements of the group "WSGI: environ". */
export const wEnviron = {
  W1: {
    group: "WSGI: environ",
    milestone: "core",
    text: "The app is called exactly once per request, with exactly two positional arguments: `environ` and `startResponse`.",
    source: "PEP 3333, Specification Details; wsgiref.validate",
  },
  W2: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`environ` is a fresh, plain, mutable object for each request whose keys are own enumerable data properties (no getter on a required key, no Proxy, a prototype of `Object.prototype` or `null`), so an app that changes or deletes keys never affects another request.",
    source: "PEP 3333, Specification Details (environ must be a builtin dict)",
  },
  W3: {
    group: "WSGI: environ",
    milestone: "core",
    text: "Always present are `REQUEST_METHOD`, `SERVER_NAME` and `SERVER_PORT` (none empty, the port digits only), `SERVER_PROTOCOL`, `SCRIPT_NAME`, `PATH_INFO` and `QUERY_STRING` (each of the three possibly empty), and the `wsgi.` keys `version`, `url_scheme`, `input`, `errors`, `multithread`, `multiprocess` and `run_once`.",
    source: "PEP 3333, environ Variables; RFC 3875, 4.1.7",
  },
  W4: {
    group: "WSGI: environ",
    milestone: "core",
    text: "Every key without a dot has a string value whose code units are all at most 0xFF, and information the request lacks (such as `CONTENT_TYPE` or `CONTENT_LENGTH`, also when a web server sent them empty) is an absent key rather than an empty string.",
    source: "PEP 3333, Unicode Issues and environ Variables",
  },
  W5: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`SCRIPT_NAME` is empty or starts with `/`, never ends with `/` and is never just `/`: such a slash belongs to `PATH_INFO`.",
    source: "PEP 3333, environ Variables; wsgiref.validate; Plack::Handler::CGI",
  },
  W6: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`PATH_INFO` is empty or starts with `/`, is not empty when `SCRIPT_NAME` is, and is `*` only for an `OPTIONS *` request.",
    source: "PEP 3333, environ Variables; wsgiref.validate; Rack SPEC",
  },
  W7: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`PATH_INFO` is the target's path percent-decoded exactly once into one code unit per octet (`/bar%252c` gives `/bar%2c`, and `%80` as well as a raw 0x80 give `\\x80`), so that invalid UTF-8 survives and U+FFFD never appears.",
    source: "RFC 3875, 4.1.5; PEP 3333, Unicode Issues; Plack::Test::Suite",
  },
  W8: {
    group: "WSGI: environ",
    milestone: "core",
    text: "Repeated slashes of the target stay in `PATH_INFO` as they were sent, and a target that starts with `//host` is a path and not an authority.",
    source: "Plack::Test::Suite",
  },
  W9: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`REQUEST_URI` holds the undecoded request target with its query whenever the server knows it.",
    source: "de-facto variable of nginx, Apache and lighttpd; Plack::Test::Suite",
  },
  W10: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`QUERY_STRING` is the raw, still encoded text after the first `?`, so both `/x` and `/x?` give the empty string.",
    source: "RFC 3875, 4.1.7",
  },
  W11: {
    group: "WSGI: environ",
    milestone: "core",
    text: "A request header becomes `HTTP_` plus its name in upper case with `-` as `_`, except that Content-Type and Content-Length become `CONTENT_TYPE` and `CONTENT_LENGTH` only, and that `HTTP_CONTENT_TYPE`, `HTTP_CONTENT_LENGTH`, `HTTP_PROXY` and a bare `COOKIE` never appear.",
    source: "PEP 3333, environ Variables; RFC 3875, 4.1.18; CVE-2016-5385",
  },
  W12: {
    group: "WSGI: environ",
    milestone: "core",
    text: "Repeated request headers are joined in arrival order into one value with comma and space, Cookie alone with semicolon and space.",
    source: "RFC 3875, 4.1.18; RFC 9110, 5.3; RFC 6265, 5.4",
  },
  W13: {
    group: "WSGI: environ",
    milestone: "core",
    text: "A header value longer than 127 octets, where the FastCGI length encoding changes, reaches the app intact.",
    source: "FastCGI 1.0, 3.4; Plack::Test::Suite",
  },
  W14: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`wsgi.url_scheme` is `https` when the connection is TLS, when the variable HTTPS is `on`, `1` or `yes` in any case, or when a trusted proxy says so, and otherwise `http`, but never `ws` or `wss`.",
    source: "PEP 3333, environ Variables; wsgiref guess_scheme",
  },
  W15: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`SERVER_PROTOCOL` is the client's request version as `HTTP/` with one digit and optionally a dot and one more digit.",
    source: "RFC 3875, 4.1.16; Rack SPEC",
  },
  W16: {
    group: "WSGI: environ",
    milestone: "core",
    text: "An Authorization header appears as `HTTP_AUTHORIZATION` on every HTTP server, and on FastCGI when the web server passes it; without the header the key is absent.",
    source: "Plack::Test::Suite; RFC 3875, 9.2",
  },
  W17: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`wsgi.version` is the pair 1, 0; `wsgi.run_once` is true only under CGI, `wsgi.multiprocess` only under CGI or with more than one worker process, and `wsgi.multithread` only when another thread can enter the same app.",
    source: "PEP 3333, environ Variables",
  },
  W18: {
    group: "WSGI: environ",
    milestone: "core",
    text: "Keys a server adds are lower-case, contain a dot and carry a prefix of their own; the variables of the operating system are left out of `environ` by default and never replace a key that comes from the request.",
    source: "PEP 3333, environ Variables",
  },
  W19: {
    group: "WSGI: environ",
    milestone: "core",
    text: "The URL rebuilt from `environ` by the algorithm of PEP 3333 is the client's URL: Host preferred over `SERVER_NAME`, default ports left out, non-ASCII quoted again, the characters `;`, `=` and `,` of the path left alone, and the query appended only when it is not empty.",
    source: "PEP 3333, URL Reconstruction",
  },
  W20: {
    group: "WSGI: environ",
    milestone: "core",
    text: "`shiftPathInfo` moves one segment of `PATH_INFO` to `SCRIPT_NAME` as wsgiref does: empty and `.` segments are skipped, `..` removes the last segment of `SCRIPT_NAME`, a trailing slash is kept, and nothing is returned when no segment is left.",
    source: "wsgiref.util shift_path_info",
  },
} as const;
