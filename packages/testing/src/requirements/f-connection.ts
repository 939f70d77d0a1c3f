// Requirements F51 to F58: keeping, closing and aborting.
// Source: FastCGI 1.0, sections 3.5, 5.1 and 5.4.

/** The requirements of the group "FastCGI: connection lifetime". */
export const fConnection = {
  F51: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "Without KEEP_CONN the connection is closed after END_REQUEST by flushing, half-closing and draining within bounds, so that no reset destroys the response.",
    source: "FastCGI 1.0, 3.5 and 5.1; golang issue 4183",
  },
  F52: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "Without KEEP_CONN but with other requests active on the connection, it is closed after the last of them.",
    source: "FastCGI 1.0, 5.1",
  },
  F53: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "With KEEP_CONN the connection stays open and serves one request after another, also with the same id.",
    source: "FastCGI 1.0, 5.1; measured: nginx 1.22",
  },
  F54: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "A BEGIN_REQUEST already buffered when the previous request ends is processed and not lost.",
    source: "FastCGI 1.0, 5.1",
  },
  F55: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "When the web server closes the connection, every active request on it sees a disconnect and nothing leaks.",
    source: "FastCGI 1.0, 5.4",
  },
  F56: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "ABORT_REQUEST gives the app `http.disconnect` and an aborted signal, and END_REQUEST follows once when the app finishes or the grace time is over, or at once without starting the app when PARAMS had not ended; the connection closes only without KEEP_CONN.",
    source: "FastCGI 1.0, 5.4",
  },
  F57: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "A half-close by the web server after STDIN does not stop the response from being delivered.",
    source: "FastCGI 1.0, 3.5",
  },
  F58: {
    group: "FastCGI: connection lifetime",
    milestone: "fastcgi",
    text: "The idle timeout of kept connections is configurable and off by default, since the web server decides their lifetime.",
    source: "FastCGI 1.0, 3.5",
  },
} as const;
