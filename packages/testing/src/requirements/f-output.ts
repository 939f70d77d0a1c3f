// Requirements F41 to F50: the response and its end.
// Source: FastCGI 1.0, sections 5.3, 5.5 and 6.1.

/** The requirements of the group "FastCGI: output". */
export const fOutput = {
  F41: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "STDOUT begins with a `Status` line, headers and an empty line under the rules of CGI output, and carries no body byte for HEAD, 204 and 304.",
    source: "FastCGI 1.0, 6.1; RFC 3875, 6; measured: HAProxy 2.6",
  },
  F42: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "NPH output is never used on FastCGI.",
    source: "FastCGI 1.0, 6.1",
  },
  F43: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "STDOUT is ended by an empty record before END_REQUEST, for an empty body too, and no STDOUT record follows it.",
    source: "FastCGI 1.0, 6.1 and Appendix B",
  },
  F44: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "STDERR records are sent only when there is something to say, are then ended by an empty one before END_REQUEST, and may mix with STDOUT.",
    source: "FastCGI 1.0, 6.1",
  },
  F45: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "Each request gets exactly one END_REQUEST, of 8 bytes with REQUEST_COMPLETE and an appStatus of 0, or 1 when the app threw, and nothing with that id after it.",
    source: "FastCGI 1.0, 5.5",
  },
  F46: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "A throw before the head gives a 500 document, a STDERR message and appStatus 1; a throw after it gives a STDERR message, the end of STDOUT and a non-zero appStatus, and closes the connection when no Content-Length would show the truncation and no other request shares it.",
    source: "FastCGI 1.0, 5.5 and 6.2",
  },
  F47: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "Response headers obey the rules of every adapter, and a body that begins like headers is left untouched.",
    source: "RFC 9110, 5.5; RFC 3875, 6.4",
  },
  F48: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "A non-empty body without a Content-Type gets `application/octet-stream`.",
    source: "RFC 3875, 6.2.1; CVE-2020-24553",
  },
  F49: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "Each chunk of the app is sent promptly, with TCP_NODELAY set.",
    source: "PEP 3333, Buffering and Streaming; libfcgi",
  },
  F50: {
    group: "FastCGI: output",
    milestone: "fastcgi",
    text: "Writing to a web server that has gone away is a disconnect for the app and no crash.",
    source: "FastCGI 1.0, 5.4",
  },
} as const;
