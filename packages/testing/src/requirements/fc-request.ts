// Requirements FC1 to FC11: what an upstream such as PHP-FPM is sent.
// Source: FastCGI 1.0, sections 3 to 6; behaviour of PHP and libfcgi.

/** The requirements of the group "FastCGI client: request". */
export const fcRequest = {
  FC1: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "A request is sent as BEGIN_REQUEST, PARAMS, empty PARAMS, STDIN and empty STDIN, in that order and with no other record between them.",
    source: "FastCGI 1.0, 6.2; measured: PHP-FPM 8.2",
  },
  FC2: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "A name-value pair is never split over two PARAMS records: a new record begins when it does not fit, and a pair too large for any record is refused locally with 431 or 502.",
    source: "measured: PHP-FPM 8.2",
  },
  FC3: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "Content and padding of the BEGIN_REQUEST and PARAMS records sent are together at most 65535 bytes.",
    source: "FastCGI 1.0, 3.3; measured: PHP-FPM 8.2",
  },
  FC4: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "One connection carries one request with id 1 unless configuration or GET_VALUES allows multiplexing, and CANT_MPX_CONN makes the client retry on another connection and remember it.",
    source: "FastCGI 1.0, 3.3, 4.1 and 5.5",
  },
  FC5: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "GET_VALUES is asked only by option and with a time limit, and silence or UNKNOWN_TYPE means that it is not supported.",
    source: "FastCGI 1.0, 4.1 and 4.2; measured: libfcgi 2.4.2",
  },
  FC6: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "The next BEGIN_REQUEST on a kept connection is sent only after the previous END_REQUEST has arrived.",
    source: "measured: libfcgi 2.4.2",
  },
  FC7: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "The params PHP needs are always sent (`SCRIPT_FILENAME`, `REQUEST_METHOD`, `REDIRECT_STATUS` 200, `SCRIPT_NAME`, `REQUEST_URI`, `DOCUMENT_ROOT`, `QUERY_STRING`, the `CONTENT_`, `SERVER_` and `REMOTE_` variables, `GATEWAY_INTERFACE` and HTTPS), while an empty `PATH_INFO` is not sent.",
    source: "nginx fastcgi.conf; CVE-2019-11043",
  },
  FC8: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "The path is split after a configured extension, compared octet by octet and case-sensitively on the decoded path and only before a slash or the end, optionally only when that file exists; NUL, CR and LF in the decoded path are refused with 400 or 404.",
    source: "CVE-2019-11043; Caddy path split; HAProxy path-info",
  },
  FC9: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "Headers become `HTTP_` params under the rules of the CGI host, Cookie joined with semicolon and space and `HTTP_HOST` always present.",
    source: "RFC 3875, 4.1.18 and 9.2; measured: Apache 2.4, Caddy 2.6",
  },
  FC10: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "A request body of unknown length is buffered within a limit so that `CONTENT_LENGTH` is exact, and a client body that ends early closes the upstream connection instead of ending STDIN short.",
    source: "RFC 3875, 4.2; measured: PHP-FPM 8.2",
  },
  FC11: {
    group: "FastCGI client: request",
    milestone: "fastcgi",
    text: "The response is read while the request body is still being written, with back-pressure in both directions, so that neither side can deadlock.",
    source: "FastCGI 1.0, 6.1; Apache mod_proxy_fcgi",
  },
} as const;
