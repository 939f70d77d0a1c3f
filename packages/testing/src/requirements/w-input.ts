// Requirements W21 to W29: the request body and the error stream of a sync app.
// Source: PEP 3333, "Input and Error Streams"; RFC 3875, section 4.2.

/** The requirements of the group "WSGI: input and errors". */
export const wInput = {
  W21: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "`wsgi.input` has `read`, `readline` and `readlines` and iterates by line; all of them give `Uint8Array`, and at the end an empty one, however often they are called.",
    source: "PEP 3333, Input and Error Streams",
  },
  W22: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "`read()` gives everything that is left and `read(n)` at most n bytes; reading beyond the body gives the end, never waits and never returns a byte of the next request on the connection.",
    source: "PEP 3333, Input and Error Streams",
  },
  W23: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "`readline` includes the line feed, honours its size limit and returns an unterminated last line once, iteration stops at the end, and `readlines(hint)` may stop once it has read hint bytes (not hint lines).",
    source: "PEP 3333, Input and Error Streams",
  },
  W24: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "The whole request body is available before a sync app is called (in memory up to a limit, then in a spool file), or the app runs on a thread that can wait, and a body over the configured maximum is answered 413 without calling the app.",
    source: "PEP 3333, Input and Error Streams",
  },
  W25: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "A chunked or otherwise length-less body is fully readable, with `wsgi.input_terminated` true, `CONTENT_LENGTH` set to the exact de-chunked size and no `HTTP_TRANSFER_ENCODING`.",
    source: "RFC 3875, 4.2; RFC 9112, 7.1",
  },
  W26: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "An app or middleware must not close `wsgi.input` or `wsgi.errors`; the lint throws on a call of `close` and on the use of a member the spec does not name.",
    source: "PEP 3333, Input and Error Streams; wsgiref.validate",
  },
  W27: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "`wsgi.errors` has `write`, `writelines` and `flush`, accepts any Unicode text without throwing, and its output goes to the log, to stderr under CGI or to FCGI_STDERR, attributable to the request.",
    source: "PEP 3333, Input and Error Streams",
  },
  W28: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "`Expect: 100-continue` is answered by the server before the body is read, without any help from the app, and an HTTP/1.0 client never gets a 100.",
    source: "PEP 3333, HTTP 1.1 Expect/Continue; RFC 9110, 10.1.1",
  },
  W29: {
    group: "WSGI: input and errors",
    milestone: "core",
    text: "An app may leave the body unread: the rest is drained or the connection is closed, and the next request on a kept connection is still read correctly.",
    source: "RFC 3875, 4.2; RFC 9112, 9.3",
  },
} as const;
