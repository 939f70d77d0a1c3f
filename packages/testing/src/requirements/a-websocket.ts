// Requirements A59 to A78: handshake, messages, close and limits of a WebSocket.
// Source: ASGI www 2.5, "WebSocket"; RFC 6455.

/** The requirements of the group "ASGI: websocket". */
export const aWebsocket = {
  A59: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "A websocket scope has `type` websocket, `scheme` `ws` or `wss`, `http_version` `1.1` or `2`, `subprotocols` as the trimmed list in the client's order and no `method`, and otherwise follows the rules of an http scope.",
    source: "ASGI www 2.5, WebSocket Connection Scope",
  },
  A60: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "A handshake needs GET, HTTP/1.1, Upgrade `websocket` in any case, a Connection that lists `upgrade`, version 13 (else 426 that names 13) and a key of 16 decoded bytes (else 400); an Upgrade to anything else is served as plain http.",
    source: "RFC 6455, 4.2.1; RFC 9110, 7.8",
  },
  A61: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "The first `receive()` gives `websocket.connect` and nothing more until the app answers, and the 101 is not sent before `websocket.accept`.",
    source: "ASGI www 2.5, Connect",
  },
  A62: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "`websocket.accept` sends the 101 with the chosen subprotocol and the extra headers (several `set-cookie` included); a subprotocol the client did not offer, a `sec-websocket-protocol` or pseudo-header among the headers, or a second accept rejects.",
    source: "ASGI www 2.5, Accept",
  },
  A63: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "`websocket.close` before the accept answers 403 with an empty body, and `receive()` then gives `websocket.disconnect` with code 1006.",
    source: "ASGI www 2.5, Close",
  },
  A64: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "The `websocket.http.response` events answer a handshake with any status from 200 to 599 and a correctly framed, possibly streamed body, after which `receive()` gives `websocket.disconnect` with code 1006; a second start, a body before the start or an accept afterwards rejects, and an app that ends without a body is a 500.",
    source: "ASGI extensions, Websocket Denial Response",
  },
  A65: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "`websocket.receive` always has both `text` and `bytes`, exactly one of them not null; fragments are joined, and text that is not UTF-8 closes with 1007.",
    source: "ASGI www 2.5, Receive; RFC 6455, 5.4 and 8.1",
  },
  A66: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "`websocket.send` needs exactly one of `text` and `bytes`, an empty one being a valid message, and rejects before the accept and after the close.",
    source: "ASGI www 2.5, Send",
  },
  A67: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "The server answers each ping with a pong of the same data, pings by itself (every 20 s by default) and closes with 1011 when no pong comes in time; both can be switched off, and the app sees neither.",
    source: "ASGI www 2.5, WebSocket; RFC 6455, 5.5.2",
  },
  A68: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "`websocket.close` after the accept sends a close frame with `code` (default 1000) and `reason` (at most 123 bytes of UTF-8), rejects a longer reason or an invalid code, and makes `receive()` give `websocket.disconnect` with that code and reason.",
    source: "ASGI www 2.5, Close; RFC 6455, 7.4",
  },
  A69: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "A close by the peer is echoed and gives `websocket.disconnect` with its code and reason (1005 when the frame has none, 1006 when the connection is lost without one), and every later `receive()` gives the same event again.",
    source: "ASGI www 2.5, Disconnect; RFC 6455, 7.1.5",
  },
  A70: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "`send()` after a disconnect rejects with the client-disconnect error and never hangs.",
    source: "ASGI www 2.5, Disconnected Client",
  },
  A71: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "Messages received before the close are still delivered ahead of `websocket.disconnect`, and frames after a close frame are ignored.",
    source: "RFC 6455, 5.5.1; uvicorn",
  },
  A72: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "An app that returns after the accept without closing closes with 1000, one that throws after it closes with 1011, and one that returns or throws before it gives an HTTP 500.",
    source: "ASGI 3.0, Error Handling; RFC 6455, 7.4.1",
  },
  A73: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "Server shutdown closes the peers with 1012, gives the apps `websocket.disconnect` with 1012 and waits for them up to the grace time.",
    source: "RFC 6455, 7.4; IANA WebSocket close codes",
  },
  A74: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "A message over the maximum size, counted after reassembly and inflation, closes with 1009, and a control frame over 125 bytes or fragmented, an unmasked client frame or a reserved bit without an extension closes with 1002.",
    source: "RFC 6455, 5.1, 5.2, 5.5 and 7.4.1",
  },
  A75: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "The socket is paused once more than a set number of messages or bytes wait unread for the app.",
    source: "ASGI www 2.5, Receive; uvicorn",
  },
  A76: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "permessage-deflate is negotiated only when it is enabled and the client offered it.",
    source: "RFC 7692",
  },
  A77: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "An adapter that cannot carry WebSocket (CGI, FastCGI, plain fetch) never creates a websocket scope or advertises one: an upgrade request is served as http there, and the app may answer 426.",
    source: "RFC 3875; FastCGI 1.0; measured: lighttpd 1.4.69",
  },
  A78: {
    group: "ASGI: websocket",
    milestone: "websocket",
    text: "Where WebSocket over HTTP/2 extended CONNECT is supported, an accept answers 200 without upgrade headers.",
    source: "RFC 8441",
  },
} as const;
