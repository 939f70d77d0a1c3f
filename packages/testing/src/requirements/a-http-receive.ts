// Requirements A27 to A34: the request body, disconnect and cancellation.
// Source: ASGI www 2.5, "Request" and "Disconnect".

/** The requirements of the group "ASGI: http receive". */
export const aHttpReceive = {
  A27: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "The first `receive()` gives `http.request` with `body` and `more_body` both set, and a request without a body gives an empty one with `more_body` false.",
    source: "ASGI www 2.5, Request",
  },
  A28: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "Body pieces arrive in order and the last one (possibly empty) has `more_body` false; a piece is empty with `more_body` true only when there is no other way to report progress.",
    source: "ASGI www 2.5, Request",
  },
  A29: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "`receive()` pulls: while the app does not call it, the socket is paused and memory stays within the high-water mark.",
    source: "ASGI www 2.5, Request",
  },
  A30: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "After the last body event `receive()` waits until the client goes away or the response is complete, then gives `http.disconnect`, as every later call does at once; it never rejects and never gives a second empty `http.request`.",
    source: "ASGI www 2.5, Disconnect",
  },
  A31: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "A client that aborts in the middle of its body makes `receive()` give `http.disconnect` and never an `http.request` with `more_body` false, so a truncated upload cannot look complete.",
    source: "ASGI www 2.5, Disconnect; FastCGI 1.0, 6.2",
  },
  A32: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "For `Expect: 100-continue` the 100 is sent when `receive()` is first called, and not at all when the app answers first.",
    source: "RFC 9110, 10.1.1",
  },
  A33: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "Two `receive()` calls made at the same time both settle, in call order, and the lint rejects the second.",
    source: "ASGI 3.0, Events",
  },
  A34: {
    group: "ASGI: http receive",
    milestone: "core",
    text: "`scope.signal` is an AbortSignal, created on first touch and aborted exactly when a disconnect caused by the peer, by server shutdown or by a timeout would be delivered.",
    source: "asgiref issues 47 and 53",
  },
} as const;
