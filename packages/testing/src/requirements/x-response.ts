// Requirements X17 to X34: one response, one ending, seen alike through every interface.
// Source: PEP 3333; ASGI www 2.5; Node.js http.

/** The requirements of the group "Cross-mapping: response and lifetime". */
export const xResponse = {
  X17: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "Set-Cookie is never joined in any direction, also with a comma in Expires, while several Cookie headers stay apart in `scope` and are joined with semicolon and space in `environ`.",
    source: "RFC 6265, 3 and 5.4; RFC 9110, 5.3",
  },
  X18: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "A header value is one code unit per octet everywhere: the UTF-8 octets of a letter pass unchanged as two units, and a unit above 0xFF from an app is an error.",
    source: "PEP 3333, Unicode Issues; RFC 9110, 5.5",
  },
  X19: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "Header names are lower-case in `scope` and upper-case in `environ`, responses keep the app's spelling on HTTP/1 for a sync app and are lower-case for an async one and on HTTP/2, and comparisons ignore case.",
    source: "RFC 9110, 5.1; RFC 9113, 8.2",
  },
  X20: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "A status is one number in every interface, with the app's or the standard reason where the interface has one; a final 1xx is an error, and a code above 599 that a fetch Response cannot hold is a documented 500 or 502 there.",
    source: "RFC 9110, 15; RFC 3875, 6.3.3",
  },
  X21: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "The request body arrives unchanged and once through every adapter (length-less, empty, large or aborted), and a body that something consumed before the adapter is a clear error, or is given again only from bytes or a string.",
    source: "ASGI www 2.5, Request; Node.js stream",
  },
  X22: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "The response body keeps order and back-pressure on every transport, and what an adapter bypasses for it (such as the onSend hooks of Fastify) is documented.",
    source: "ASGI www 2.5, Response Body; WHATWG Streams",
  },
  X23: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "A response closed before it was fully written is a disconnect with an aborted signal on every adapter, while a normal end gives `http.disconnect` and leaves the signal alone.",
    source: "ASGI www 2.5, Disconnect; Node.js http",
  },
  X24: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "Early hints are sent where the transport can, and are not advertised on fetch, CGI and FastCGI.",
    source: "RFC 8297; Node.js http",
  },
  X25: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "Response trailers are sent only on a framing that has them and are not advertised on fetch, CGI and FastCGI, and request trailers are ignored.",
    source: "RFC 9110, 6.5; Node.js http",
  },
  X26: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "The `tls` extension is filled from the Node socket, or from the `SSL_` variables of CGI and FastCGI, and `SSL_` variables are filled from it in turn.",
    source: "ASGI TLS 0.2; Apache mod_ssl environment variables",
  },
  X27: {
    group: "Cross-mapping: response and lifetime",
    milestone: "cgi",
    text: "`AUTH_TYPE` and `REMOTE_USER` are the same in CGI, `environ` and an extension of the scope, and are never made from a client's headers.",
    source: "RFC 3875, 4.1.1 and 4.1.11",
  },
  X28: {
    group: "Cross-mapping: response and lifetime",
    milestone: "cgi",
    text: "Every host of an async app, CGI and FastCGI included, runs its lifespan, and a hosted framework's own start and stop (Fastify `ready` and `close`) follow it.",
    source: "ASGI lifespan 2.0",
  },
  X29: {
    group: "Cross-mapping: response and lifetime",
    milestone: "websocket",
    text: "An adapter claims WebSocket upgrades on its own paths only and leaves other upgrade listeners of the same server working.",
    source: "Node.js http upgrade event; RFC 6455",
  },
  X30: {
    group: "Cross-mapping: response and lifetime",
    milestone: "frameworks",
    text: "In Express a throw before the start goes to `next(err)` when the option asks for it, and otherwise becomes the usual 500.",
    source: "Express error handling",
  },
  X31: {
    group: "Cross-mapping: response and lifetime",
    milestone: "frameworks",
    text: "A 404 of a mounted app is its answer: by default the adapter does not fall through to the framework's next route.",
    source: "Express routing",
  },
  X32: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "A converted request carries its original (`asgi.scope` in `environ`, the environ in an extension of the scope), so that converting there and back unwraps to the original app without a copy.",
    source: "a2wsgi",
  },
  X33: {
    group: "Cross-mapping: response and lifetime",
    milestone: "fastcgi",
    text: "Every CGI or FastCGI variable without a mapping is in `environ` under its own name, except names with a dot, which are dropped so that nobody can forge the server's own keys.",
    source: "RFC 3875, 4.1; FastCGI 1.0, 5.2",
  },
  X34: {
    group: "Cross-mapping: response and lifetime",
    milestone: "core",
    text: "After any conversion exactly one framing header reaches an HTTP/1 client, and no Transfer-Encoding an HTTP/2 client.",
    source: "RFC 9112, 6; RFC 9113, 8.2.2",
  },
} as const;
