// Requirements A91 to A94: the bridge between the interfaces, the communicator and the lint.
// Source: ASGI www 2.5, "WSGI Compatibility"; asgiref.

/** The requirements of the group "ASGI: conversions and testing". */
export const aConversions = {
  A91: {
    group: "ASGI: conversions and testing",
    milestone: "core",
    text: "`wsgi(app)` refuses a scope that is neither http nor one it answers itself (it closes a websocket and completes a lifespan), reads the body first within its limit, answers 400 above 100 duplicate headers, splits `path` into `SCRIPT_NAME` and `PATH_INFO` on a segment boundary as UTF-8 octets, stops at Content-Length, and always calls `close()`.",
    source: "ASGI www 2.5, WSGI Compatibility; asgiref wsgi.py",
  },
  A92: {
    group: "ASGI: conversions and testing",
    milestone: "core",
    text: "No conversion from an async app to the sync interface is offered, since JavaScript cannot wait for a promise, and the documentation says that the way is to move to the async interface.",
    source: "PEP 3333; ECMA-262, Agents",
  },
  A93: {
    group: "ASGI: conversions and testing",
    milestone: "core",
    text: "The communicator offers `sendInput`, `receiveOutput`, `receiveNothing`, `wait` and `stop`, throws the app's own error at the next call, and ends the app when a time limit passes.",
    source: "asgiref testing.py",
  },
  A94: {
    group: "ASGI: conversions and testing",
    milestone: "core",
    text: "`lintAsgi` keeps a state machine per connection, checks A1 to A86 in both directions as far as it can see them, and says which rule was broken and by which side.",
    source: "wsgiref.validate (no ASGI counterpart exists)",
  },
} as const;
