// Requirements A35 to A50: the response, its framing and its failures.
// Source: ASGI www 2.5, "Response Start" and "Response Body"; RFC 9112.

/** The requirements of the group "ASGI: http send". */
export const aHttpSend = {
  A35: {
    group: "ASGI: http send",
    milestone: "core",
    text: "`http.response.start`, with an integer `status` from 200 to 999, comes first and once: a body before it or a second start rejects.",
    source: "ASGI www 2.5, Response Start",
  },
  A36: {
    group: "ASGI: http send",
    milestone: "core",
    text: "The head is held back until the first body event: a start followed by a throw is a clean 500, and a start followed by a body leaves in one write.",
    source: "ASGI www 2.5, Response Start",
  },
  A37: {
    group: "ASGI: http send",
    milestone: "core",
    text: "A response header whose name is not a lower-case token or is a pseudo-header, or whose value has CR, LF, NUL, another control character or a code unit above 0xFF, makes `send()` reject before anything is written.",
    source: "ASGI www 2.5, Response Start; RFC 9110, 5.1 and 5.5",
  },
  A38: {
    group: "ASGI: http send",
    milestone: "core",
    text: "A `transfer-encoding` header from the app is removed, and `connection: close` from the app closes the connection after the response.",
    source: "ASGI www 2.5, Response Start; RFC 9112, 9.6",
  },
  A39: {
    group: "ASGI: http send",
    milestone: "core",
    text: "Without a content-length, HTTP/1.1 is chunked and HTTP/1.0 ends by closing; when a single final body event makes the size known, the exact content-length is added, except for HEAD, 1xx, 204 and 304.",
    source: "RFC 9112, 6",
  },
  A40: {
    group: "ASGI: http send",
    milestone: "core",
    text: "More body than the declared content-length rejects `send()` and aborts the connection, less body at the end aborts it and is logged, and nothing is ever silently padded or cut.",
    source: "RFC 9110, 8.6; RFC 9112, 6",
  },
  A41: {
    group: "ASGI: http send",
    milestone: "core",
    text: "`http.response.body` defaults to an empty `body` and `more_body` false, and an empty piece never produces the zero-length chunk that would end the body.",
    source: "ASGI www 2.5, Response Body; RFC 9112, 7.1",
  },
  A42: {
    group: "ASGI: http send",
    milestone: "core",
    text: "The order of response headers is kept, and several `set-cookie` headers stay separate fields on every adapter.",
    source: "ASGI www 2.5, Response Start; RFC 6265, 3",
  },
  A43: {
    group: "ASGI: http send",
    milestone: "core",
    text: "The server's own `date` and `server` headers are added only when the app set none, and can be switched off.",
    source: "RFC 9110, 6.6.1 and 10.2.4",
  },
  A44: {
    group: "ASGI: http send",
    milestone: "core",
    text: "An app that returns without a start gives a 500, and one that returns before its body is complete has its connection aborted and the fault logged.",
    source: "ASGI www 2.5, Response Start",
  },
  A45: {
    group: "ASGI: http send",
    milestone: "core",
    text: "A throw before the head is sent is a 500 in text/plain without details, and a throw after it aborts the connection.",
    source: "ASGI 3.0, Error Handling",
  },
  A46: {
    group: "ASGI: http send",
    milestone: "core",
    text: "Requests on one connection are answered in order, each with its own scope; the idle keep-alive timeout is configurable, and a request body left unread is drained or the connection is not reused.",
    source: "RFC 9112, 9.3",
  },
  A47: {
    group: "ASGI: http send",
    milestone: "core",
    text: "For HEAD the body events are accepted and discarded, content-length is kept, and no chunked coding is announced falsely.",
    source: "RFC 9110, 9.3.2",
  },
  A48: {
    group: "ASGI: http send",
    milestone: "core",
    text: "For 1xx, 204 and 304 body bytes are discarded with a warning and no transfer-encoding is sent, nor any content-length for 1xx and 204.",
    source: "RFC 9110, 15.2, 15.3.5 and 15.4.5; RFC 9112, 6",
  },
  A49: {
    group: "ASGI: http send",
    milestone: "core",
    text: "A response sent before the request body is consumed is delivered: the rest of the upload is drained up to a limit or the socket closed without a reset that would destroy the response.",
    source: "RFC 9112, 9.6",
  },
  A50: {
    group: "ASGI: http send",
    milestone: "core",
    text: "With a slow client `send()` stays pending as soon as more bytes are buffered than the high-water mark.",
    source: "ASGI www 2.5, Response Body",
  },
} as const;
