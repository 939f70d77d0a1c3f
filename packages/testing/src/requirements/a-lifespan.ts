// Requirements A79 to A90: startup, shutdown and shared state.
// Source: ASGI lifespan 2.0.

/** The requirements of the group "ASGI: lifespan". */
export const aLifespan = {
  A79: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "The app is called once per worker, before listening, with a lifespan scope that has an empty `state`; its first `receive()` gives `lifespan.startup`, and no connection is accepted before `lifespan.startup.complete`.",
    source: "ASGI lifespan 2.0, Scope and Startup",
  },
  A80: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "`lifespan.startup.failed` logs its message word for word, and the server exits with a non-zero code without ever listening.",
    source: "ASGI lifespan 2.0, Startup Failed",
  },
  A81: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "In mode `auto` an app that throws `UnsupportedScopeError` runs without lifespan while any other error is fatal, in mode `on` every failure before `lifespan.startup.complete` is fatal, and in mode `off` the app is never called with a lifespan scope.",
    source: "ASGI lifespan 2.0, Scope",
  },
  A82: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "A graceful stop ends accepting, finishes or closes the active connections, delivers `lifespan.shutdown`, waits for its answer up to the shutdown timeout (60 s by default) and exits, with a non-zero code after a logged `lifespan.shutdown.failed`.",
    source: "ASGI lifespan 2.0, Shutdown",
  },
  A83: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "Between `lifespan.startup.complete` and shutdown the app's lifespan `receive()` never resolves.",
    source: "ASGI lifespan 2.0, Shutdown",
  },
  A84: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "A throw during shutdown or an early return while serving is reported as an error, not as missing support for lifespan.",
    source: "ASGI lifespan 2.0; uvicorn pull request 2862",
  },
  A85: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "A lifespan event in the wrong state (a second complete, a shutdown answer before shutdown, an http event) rejects.",
    source: "ASGI lifespan 2.0",
  },
  A86: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "What startup wrote into `state` is seen in every request scope through a shallow copy, and shutdown gets the same state object.",
    source: "ASGI lifespan 2.0, Lifespan State",
  },
  A87: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "A startup that does not finish within the startup timeout is a fatal error whose message names lifespan.",
    source: "ASGI lifespan 2.0; hypercorn",
  },
  A88: {
    group: "ASGI: lifespan",
    milestone: "frameworks",
    text: "An app mounted in Express, Fastify or Hono has explicit start and stop hooks (Fastify's onReady and onClose call them), and without a start the first request triggers the startup and waits for it.",
    source: "ASGI lifespan 2.0; Fastify hooks",
  },
  A89: {
    group: "ASGI: lifespan",
    milestone: "cgi",
    text: "Under CGI, lifespan runs around the single request and a failed startup answers `Status: 500`; under FastCGI it runs once per process.",
    source: "ASGI lifespan 2.0; RFC 3875, 6.3.3",
  },
  A90: {
    group: "ASGI: lifespan",
    milestone: "core",
    text: "The test client runs lifespan only as a context (`await using`), turns `lifespan.startup.failed` into a rejection and offers a switch to leave lifespan out.",
    source: "Starlette TestClient; asgi-lifespan",
  },
} as const;
