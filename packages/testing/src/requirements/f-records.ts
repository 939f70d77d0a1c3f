// Requirements F1 to F13: framing and management records.
// Source: FastCGI 1.0, sections 3.3 and 4.

/** The requirements of the group "FastCGI: records". */
export const fRecords = {
  F1: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "A record has an 8-byte header (version, type, two-byte id, two-byte content length, padding length, reserved byte), and records are read alike from single bytes and from reads that hold many of them.",
    source: "FastCGI 1.0, 3.3",
  },
  F2: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "A record whose version is not 1 closes the connection without an answer and is logged.",
    source: "FastCGI 1.0, 3.3",
  },
  F3: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "Reserved bytes are ignored on input and zero on output.",
    source: "FastCGI 1.0, 3.3; measured: PHP 8.2",
  },
  F4: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "Padding of 0 to 255 bytes is skipped after the content of any record, empty and unknown ones included.",
    source: "FastCGI 1.0, 3.3",
  },
  F5: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "Contents of 0 to 65535 bytes are accepted; content and padding we send are together at most 65535 bytes, with 65528 bytes of content as the default maximum.",
    source: "FastCGI 1.0, 3.3; measured: PHP 8.2",
  },
  F6: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "Output longer than one record is split so that the joined contents equal the output: 66000 bytes arrive complete and in order.",
    source: "FastCGI 1.0, 3.3",
  },
  F7: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "Records are never interleaved within one another, and small records of one answer (head, body, end) leave in one socket write.",
    source: "FastCGI 1.0, 3.3",
  },
  F8: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "GET_VALUES with id 0 is answered with GET_VALUES_RESULT at any time, before and during requests, without touching the app.",
    source: "FastCGI 1.0, 4.1",
  },
  F9: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "GET_VALUES_RESULT names, once each, only what was asked and is known: the real limits as `FCGI_MAX_CONNS` and `FCGI_MAX_REQS` and 0 or 1 as `FCGI_MPXS_CONNS`.",
    source: "FastCGI 1.0, 4.1",
  },
  F10: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "GET_VALUES with malformed pairs closes the connection or gets an empty result and never crashes.",
    source: "FastCGI 1.0, 4.1",
  },
  F11: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "Any other type with id 0 is answered with UNKNOWN_TYPE naming that type, except BEGIN_REQUEST, which is a protocol error that closes the connection.",
    source: "FastCGI 1.0, 4.2",
  },
  F12: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "A record with a non-zero id and an unknown type, or one that only a server sends, is ignored with a debug line and never answered with UNKNOWN_TYPE.",
    source: "FastCGI 1.0, 3.3 and 4.2",
  },
  F13: {
    group: "FastCGI: records",
    milestone: "fastcgi",
    text: "Every record for an inactive id other than BEGIN_REQUEST is ignored, an ABORT_REQUEST or a late STDIN after the end included.",
    source: "FastCGI 1.0, 3.3 (Managing Request IDs)",
  },
} as const;
