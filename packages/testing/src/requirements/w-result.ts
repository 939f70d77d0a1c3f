// Requirements W39 to W55: the body a sync app returns, its extensions and its lint.
// Source: PEP 3333, "Buffering and Streaming", "Error Handling", "Optional Platform-Specific File Handling".

/** The requirements of the group "WSGI: result iterable". */
export const wResult = {
  W39: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "The app returns any sync iterable of `Uint8Array` or string chunks, a string being UTF-8; a bare string or bare `Uint8Array` is sent as one chunk and reported by the lint.",
    source: "PEP 3333, Specification Details; wsgiref.validate",
  },
  W40: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "A result of `null`, `undefined` or `false` is a logged 500, while an empty iterable is a valid empty body.",
    source: "PEP 3333, Specification Details",
  },
  W41: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "Each chunk is handed to the transport before the next one is asked for and is never kept waiting for it: the iterator is driven by a loop that waits for drain when the sink is full and returns to the event loop at least once every so many chunks.",
    source: "PEP 3333, Buffering and Streaming",
  },
  W42: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "An endless generator with a client that does not read grows memory by no more than the high-water mark and one chunk.",
    source: "PEP 3333, Buffering and Streaming",
  },
  W43: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "The iterator's `return()` and the result's `close()`, where they exist, are called exactly once per request: at a normal end, on an error in the middle, on disconnect, when HEAD or 304 skips the body, and when Content-Length is reached (arrays need no `close`).",
    source: "PEP 3333, Specification Details (close)",
  },
  W44: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "Middleware passes `close()` on and yields at least one chunk, possibly an empty one, for each chunk it takes; the lint reports an outer iterable that yields fewer chunks than the inner one did.",
    source: "PEP 3333, Middleware Handling of Block Boundaries",
  },
  W45: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "A result that is an array of one chunk gets a Content-Length of that chunk's byte count when the app set none and the status allows a body.",
    source: "PEP 3333, Handling the Content-Length Header",
  },
  W46: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "At most the declared Content-Length is sent, after which iteration stops and the iterator is closed; fewer bytes abort the connection and are logged; a HEAD answer keeps its Content-Length without a body.",
    source: "PEP 3333, Handling the Content-Length Header",
  },
  W47: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "A 1xx, 204 or 304 response carries no body and no Transfer-Encoding, a 204 no Content-Length either, and a 304 with no headers from the app gains no Content-Type, Content-Length or Transfer-Encoding.",
    source: "RFC 9110, 15.2, 15.3.5 and 15.4.5; RFC 9112, 6",
  },
  W48: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "For HEAD the app's body is discarded and never sent, while its headers, Content-Length included, are kept.",
    source: "RFC 9110, 9.3.2; RFC 3875, 4.3.3",
  },
  W49: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "Body bytes are sent unchanged on every transport: line feeds are not translated, and a body that begins like a header block is not read as headers.",
    source: "RFC 3875, 6.4; Plack::Test::Suite",
  },
  W50: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "An exception before the head is a 500 in text/plain with a generic body and the stack only in the log; after the head the connection is aborted instead of ended cleanly, and the error is logged once.",
    source: "PEP 3333, Error Handling",
  },
  W51: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "A client that disconnects during output is not logged as an app error: the iterator is closed and no rejection goes unhandled.",
    source: "wsgiref.handlers; PEP 3333, Error Handling",
  },
  W52: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "`wsgi.file_wrapper(fileLike, blockSize)` returns an iterable whose `close()` closes the file; a server may use a faster way only for that very object, from the file's current position and no further than Content-Length.",
    source: "PEP 3333, Optional Platform-Specific File Handling",
  },
  W53: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "An extension in `environ` that repeats what WSGI does takes `environ` and `startResponse` as arguments and refuses any that are not the originals.",
    source: "PEP 3333, Server Extension APIs",
  },
  W54: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "The optional `wsgi.early_hints` callback sends a 103, refuses CR, LF and invalid names and does nothing on HTTP/1.0, and clean-up callbacks run in reverse order once the response is sent, off the client's clock, with `environ`, status, headers and error.",
    source: "gunicorn wsgi.early_hints; psgix.cleanup; Rack SPEC (rack.response_finished)",
  },
  W55: {
    group: "WSGI: result iterable",
    milestone: "core",
    text: "`lintWsgi` stands between server and app, detects on either side every breach of W1 to W47 it can see, names the side at fault, and reports iterators left unclosed at the end of the request.",
    source: "wsgiref.validate; Plack::Middleware::Lint; Rack::Lint",
  },
} as const;
