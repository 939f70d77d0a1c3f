// Requirements A1 to A14: calls, events and errors common to all scope types.
// Source: ASGI 3.0 specification.

/** The requirements of the group "ASGI: base". */
export const aBase = {
  A1: {
    group: "ASGI: base",
    milestone: "core",
    text: "The app is one callable of `scope`, `receive` and `send`, called once per request or connection; its promise is awaited, a plain `undefined` is accepted as well, and any other result is a logged app error.",
    source: "ASGI 3.0, Applications",
  },
  A2: {
    group: "ASGI: base",
    milestone: "core",
    text: "`scope` is a plain object, fresh for each call, with `type` and an `asgi` object, that no request can change for another, of `version` 3.0 and a `spec_version`: 2.5 for http and websocket, 2.0 for lifespan.",
    source: "ASGI 3.0, Connection Scope; ASGI www 2.5, HTTP Connection Scope",
  },
  A3: {
    group: "ASGI: base",
    milestone: "core",
    text: "Events hold only strings, bytes, safe integers, finite floats, arrays, plain objects, booleans and null, except inside `state`, the `file` of zerocopysend and the `info` of debug.",
    source: "ASGI 3.0, Events",
  },
  A4: {
    group: "ASGI: base",
    milestone: "core",
    text: "Unknown extra keys of an event are ignored in both directions and are never an error.",
    source: "ASGI 3.0, Extra Coroutines and Error Handling",
  },
  A5: {
    group: "ASGI: base",
    milestone: "core",
    text: "`send()` of an unknown type, with a required key missing or with a value of the wrong type, rejects with a protocol error and writes nothing, and the request still takes a correct message afterwards if nothing was sent before.",
    source: "ASGI 3.0, Error Handling",
  },
  A6: {
    group: "ASGI: base",
    milestone: "core",
    text: "An app throws on a scope type it does not know, which the server reads as unsupported for lifespan, as a 500 for http and as a failed handshake for websocket.",
    source: "ASGI 3.0, Connection Scope",
  },
  A7: {
    group: "ASGI: base",
    milestone: "core",
    text: "`send()` resolves once the transport has taken the data or the connection is closed, and calls made while one is pending take effect in call order.",
    source: "ASGI 3.0, Events; ASGI www 2.5, Response Body",
  },
  A8: {
    group: "ASGI: base",
    milestone: "core",
    text: "After the connection is closed, `send()` rejects with the documented client-disconnect error, and that error is not logged when it escapes the app.",
    source: "ASGI www 2.5, Disconnected Client; ASGI 3.0, Error Handling",
  },
  A9: {
    group: "ASGI: base",
    milestone: "core",
    text: "A message sent after the response is complete rejects with a protocol error under the lint, which is for development, and is ignored without it.",
    source: "ASGI www 2.5, Response Body; uvicorn",
  },
  A10: {
    group: "ASGI: base",
    milestone: "core",
    text: "An error that escapes the app is logged with method and path and ends that request and its connection, while other connections and the process go on and no rejection stays unhandled.",
    source: "ASGI 3.0, Error Handling",
  },
  A11: {
    group: "ASGI: base",
    milestone: "core",
    text: "Middleware may pass on a shallow copy of `scope`, and the server reads nothing back from `scope` after the call.",
    source: "ASGI 3.0, Middleware",
  },
  A12: {
    group: "ASGI: base",
    milestone: "core",
    text: "`scope.extensions` is a plain object in which a name is present exactly when the server honours that extension's events on this very connection, given its HTTP version, method and TLS, with an object as value.",
    source: "ASGI 3.0, Extensions",
  },
  A13: {
    group: "ASGI: base",
    milestone: "core",
    text: "Sending an event of an extension that the scope does not advertise rejects.",
    source: "ASGI 3.0, Extensions",
  },
  A14: {
    group: "ASGI: base",
    milestone: "core",
    text: "An app in the ASGI 2 double-callable form is refused: a function as result gives an error that says so.",
    source: "ASGI 3.0, Legacy Applications",
  },
} as const;
