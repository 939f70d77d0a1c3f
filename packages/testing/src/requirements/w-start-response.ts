// Requirements W30 to W38: status and headers of a sync app.
// Source: PEP 3333, "The start_response() Callable".

/** The requirements of the group "WSGI: startResponse". */
export const wStartResponse = {
  W30: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "`startResponse` takes a status of three digits (100 or more), one space and a reason without control characters (possibly empty), throws into the app on anything else, and accepts a bare number as a TypeScript convenience that gets the standard reason and that the lint reports.",
    source: "PEP 3333, The start_response() Callable; wsgiref.validate",
  },
  W31: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "Response headers are an array of name and value pairs; a name that is not a token, or a value with a control character (HTAB excepted outside the lint), 0x7F or a code unit above 0xFF, throws at the call, before any byte is sent.",
    source: "PEP 3333, The start_response() Callable; RFC 9110, 5.1 and 5.5",
  },
  W32: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "A response header named Status is rejected.",
    source: "wsgiref.validate; Rack::Lint; RFC 3875, 6.3.3",
  },
  W33: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "A hop-by-hop response header from the app (Connection, Keep-Alive, Proxy-Authenticate, Proxy-Authorization, TE, Trailer, Transfer-Encoding, Upgrade) throws under the lint, which is for development, and is dropped with a warning without it.",
    source: "PEP 3333, Other HTTP Features; RFC 9110, 7.6.1",
  },
  W34: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "Order and duplicates of response headers are kept on the wire, and each Set-Cookie is a field of its own.",
    source: "PEP 3333, The start_response() Callable; RFC 6265, 3",
  },
  W35: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "`startResponse` sends nothing: the head goes out with the first non-empty chunk, on `write`, or at the end of the iteration, so an error after empty chunks only can still replace the response (a declared length of zero may go out at once).",
    source: "PEP 3333, The start_response() Callable",
  },
  W36: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "A second `startResponse` without `excInfo` throws, even if the first call threw; with `excInfo` it replaces status and headers while the head is unsent, and throws that very error once the head is sent.",
    source: "PEP 3333, The start_response() Callable and Error Handling",
  },
  W37: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "`startResponse` returns `write`, which sends head and bytes ahead of the iterable's output and throws once iteration has started or past the declared Content-Length.",
    source: "PEP 3333, The write() Callable",
  },
  W38: {
    group: "WSGI: startResponse",
    milestone: "core",
    text: "An app may call `startResponse` as late as the first step of its iterable; if the first non-empty chunk arrives without it, the client gets a 500, the error is logged and the chunk is dropped.",
    source: "PEP 3333, The start_response() Callable",
  },
} as const;
