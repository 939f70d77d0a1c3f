// Requirements S1 to S16: hostile requests, each with a test that tries it.
// Source: RFC 9110, section 17; RFC 9112, section 11; the CVEs named.

/** The requirements of the group "Security: input and limits". */
export const sInput = {
  S1: {
    group: "Security: input and limits",
    milestone: "core",
    text: "A Proxy request header, in any case, repeated or over HTTP/2, never becomes `HTTP_PROXY` in `environ`, in a child's environment or in FastCGI params.",
    source: "CVE-2016-5385, CVE-2016-5386, CVE-2016-5387, CVE-2016-1000110",
  },
  S2: {
    group: "Security: input and limits",
    milestone: "core",
    text: "Headers such as `X_Forwarded_For`, `Content_Length` and `Transfer_Encoding` are dropped by default before names are mapped with underscores.",
    source: "CVE-2015-0219; RFC 9110, 17.10",
  },
  S3: {
    group: "Security: input and limits",
    milestone: "core",
    text: "A header or param called `__proto__`, `constructor` or `wsgi.input` never reaches a prototype or replaces a server key: it becomes an own property or is dropped.",
    source: "RFC 3875, 4.1.18; CWE-1321",
  },
  S4: {
    group: "Security: input and limits",
    milestone: "core",
    text: "CR, LF, NUL and 0x7F are refused on every adapter in response names, values and reasons, in links, trailers, subprotocols, redirects and the CGI `Status` line.",
    source: "CWE-113; RFC 9110, 5.5",
  },
  S5: {
    group: "Security: input and limits",
    milestone: "core",
    text: "Requests with conflicting, repeated or malformed Content-Length or Transfer-Encoding, bad chunks, obsolete folding, bare LF, bad names, targets or versions are answered 400 or closed without calling the app, never give two responses, and Node's lenient parser stays off.",
    source: "RFC 9112, 11.2; gunicorn invalid request corpus",
  },
  S6: {
    group: "Security: input and limits",
    milestone: "core",
    text: "After an answer to a request that could not be parsed, the connection is closed.",
    source: "RFC 9112, 2.2 and 9.6",
  },
  S7: {
    group: "Security: input and limits",
    milestone: "core",
    text: "A missing (on HTTP/1.1), repeated or malformed Host header is answered 400, and an optional list of server names decides which hosts are served.",
    source: "RFC 9112, 3.2",
  },
  S8: {
    group: "Security: input and limits",
    milestone: "core",
    text: "Every limit is configurable and has a default and a status: head 16 KiB (431), target 8 to 16 KiB (414), 100 to 2000 headers, 100 duplicates, sync body 16 MiB (413, chunked bodies counted too), FastCGI params 256 KiB, CGI head 64 KiB, WebSocket message 16 MiB, its queue 32, and 100 multiplexed requests.",
    source: "RFC 9110, 15.5.14 and 15.5.15; RFC 6585, 5",
  },
  S9: {
    group: "Security: input and limits",
    milestone: "core",
    text: "The timeouts for the head, the whole request and keep-alive are set by default and pass through adapters, slow FastCGI peers are bounded in each phase, and a client that drips bytes is cut off.",
    source: "Node.js http server timeouts; slowhttptest",
  },
  S10: {
    group: "Security: input and limits",
    milestone: "core",
    text: "A client that reads slowly or not at all keeps memory bounded, and an optional limit on idle writing aborts it.",
    source: "PEP 3333, Buffering and Streaming; slowhttptest",
  },
  S11: {
    group: "Security: input and limits",
    milestone: "websocket",
    text: "WebSocket is bounded against inflated bombs, ping floods, endless tiny fragments and slow handshakes, and the Origin header reaches the app and a checking hook.",
    source: "RFC 6455, 10; CVE-2024-37890",
  },
  S12: {
    group: "Security: input and limits",
    milestone: "fastcgi",
    text: "FastCGI listens by default on 127.0.0.1 or on a Unix socket of mode 0600 to 0660, and warns when it listens on another address without a list of allowed peers.",
    source: "FastCGI 1.0, 2.3 and 3.2",
  },
  S13: {
    group: "Security: input and limits",
    milestone: "fastcgi",
    text: "Random and mutated FastCGI streams never let an exception escape, make it allocate more than was announced and remains, or cost more than linear time, even one byte at a time.",
    source: "CVE-2025-23016; golang issues 11824 and 81548",
  },
  S14: {
    group: "Security: input and limits",
    milestone: "fastcgi",
    text: "Thousands of idle or half-open connections do not stop new ones from being accepted, running out of descriptors included.",
    source: "CVE-2012-6687",
  },
  S15: {
    group: "Security: input and limits",
    milestone: "cgi",
    text: "Wherever a request names a file (CGI directory, pathsend, `SCRIPT_FILENAME`), `..` and its encoded forms, encoded slashes, backslashes, NUL, device names, trailing dots, links out of the root and absolute paths cannot leave it.",
    source: "RFC 3875, 9.8; CWE-22",
  },
  S16: {
    group: "Security: input and limits",
    milestone: "fastcgi",
    text: "A line feed or Unicode case folding in the path cannot move the split between script and `PATH_INFO`: both together always equal the decoded path, else the answer is 400.",
    source: "CVE-2019-11043; GHSA-g966-83w7-6w38",
  },
} as const;
