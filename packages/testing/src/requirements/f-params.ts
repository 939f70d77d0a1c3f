// Requirements F23 to F33: name-value pairs and what they mean.
// Source: FastCGI 1.0, sections 3.4 and 5.2.

/** The requirements of the group "FastCGI: params". */
export const fParams = {
  F23: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "A length up to 127 is one byte and a longer one four bytes with the top bit set, a small number in four bytes being accepted too (127 is 7F, 128 is 80000080, 33554431 is 81FFFFFF).",
    source: "FastCGI 1.0, 3.4",
  },
  F24: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "All four combinations of length sizes and any octets in names and values are preserved, except that a NUL makes the request a 400.",
    source: "FastCGI 1.0, 3.4 and 6.1",
  },
  F25: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "A pair may be split over any number of PARAMS records at any byte, inside a length too.",
    source: "FastCGI 1.0, 5.2 and Appendix B",
  },
  F26: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "An empty PARAMS record ends the params, the app is not started before it, and a further PARAMS record closes the connection.",
    source: "FastCGI 1.0, 5.2",
  },
  F27: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "A pair that runs past the end of the stream is answered 400 or closes the connection, without a hang or a crash, and its length is compared with the remaining bytes before memory is taken.",
    source: "FastCGI 1.0, 3.4; CVE-2025-23016; golang issue 11824",
  },
  F28: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "The params of a request are limited in bytes (256 KiB by default) and in pairs (1000 by default), and a request above a limit is answered 431.",
    source: "FastCGI 1.0, 5.2; RFC 6585, 5",
  },
  F29: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "A repeated `HTTP_` name is joined with comma and space, `HTTP_COOKIE` with semicolon and space, and of any other repeated name the last value counts.",
    source: "measured: nginx 1.22, HAProxy 2.6",
  },
  F30: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "An empty `CONTENT_TYPE`, `CONTENT_LENGTH`, `REMOTE_USER` or HTTPS counts as absent.",
    source: "measured: nginx 1.22",
  },
  F31: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "`HTTP_CONTENT_LENGTH`, `HTTP_CONTENT_TYPE`, `HTTP_PROXY` and `HTTP_TRANSFER_ENCODING` are dropped.",
    source: "CVE-2016-5385; measured: nginx 1.22, Caddy 2.6",
  },
  F32: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "Both `Authorization` and `HTTP_AUTHORIZATION` give `HTTP_AUTHORIZATION`, and `REDIRECT_HTTP_AUTHORIZATION` does so by option.",
    source: "Plack::Handler::FCGI",
  },
  F33: {
    group: "FastCGI: params",
    milestone: "fastcgi",
    text: "Params are data of one request only: they are never written to the process environment, and names such as `PHP_VALUE` have no effect.",
    source: "FastCGI 1.0, 5.2; measured: Apache 2.4",
  },
} as const;
