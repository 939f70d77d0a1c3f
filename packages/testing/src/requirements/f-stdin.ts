// Requirements F34 to F40: the request body, filters and authorizers.
// Source: FastCGI 1.0, section 6.

/** The requirements of the group "FastCGI: stdin and data". */
export const fStdin = {
  F34: {
    group: "FastCGI: stdin and data",
    milestone: "fastcgi",
    text: "STDIN is any number of records ended by an empty one, and a responder app may start as soon as PARAMS has ended.",
    source: "FastCGI 1.0, 6.2",
  },
  F35: {
    group: "FastCGI: stdin and data",
    milestone: "fastcgi",
    text: "Bytes beyond `CONTENT_LENGTH` are not given to the app, too few at the end of STDIN are `http.disconnect` or a 400 for a sync app, and without a length, or with `-1`, all of STDIN is the body.",
    source: "FastCGI 1.0, 6.2; measured: Caddy 2.6",
  },
  F36: {
    group: "FastCGI: stdin and data",
    milestone: "fastcgi",
    text: "A request without a body is answered even when the empty STDIN record is late or never comes, and such a late record on a kept connection is ignored.",
    source: "FastCGI 1.0, 6.2; measured: PHP 8.2",
  },
  F37: {
    group: "FastCGI: stdin and data",
    milestone: "fastcgi",
    text: "When an app does not read, its connection is paused, with several requests on it only once that request's bounded buffer is full.",
    source: "FastCGI 1.0, 3.3",
  },
  F38: {
    group: "FastCGI: stdin and data",
    milestone: "fastcgi",
    text: "Data for an id after the end of its STDIN is ignored.",
    source: "FastCGI 1.0, 3.3",
  },
  F39: {
    group: "FastCGI: stdin and data",
    milestone: "fastcgi",
    text: "A filter gets DATA as a second stream with `FCGI_DATA_LAST_MOD` and `FCGI_DATA_LENGTH`, may answer after STDIN has ended and is told when the length is wrong; a responder's DATA records are ignored.",
    source: "FastCGI 1.0, 6.4",
  },
  F40: {
    group: "FastCGI: stdin and data",
    milestone: "fastcgi",
    text: "An authorizer starts at the end of PARAMS with its path from `REQUEST_URI` and no body; its 200 sends only `Variable-` headers and no body, and any other status sends the full response.",
    source: "FastCGI 1.0, 6.3; measured: lighttpd 1.4.69",
  },
} as const;
