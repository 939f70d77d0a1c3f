// Requirements F14 to F22: opening a request, roles and multiplexing.
// Source: FastCGI 1.0, sections 5.1, 5.5 and 6.

/** The requirements of the group "FastCGI: begin and roles". */
export const fBegin = {
  F14: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "The content of BEGIN_REQUEST is exactly 8 bytes (role, flags, five reserved), and another length closes the connection.",
    source: "FastCGI 1.0, 5.1",
  },
  F15: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "Only the KEEP_CONN bit of the flags has a meaning, and the others are ignored.",
    source: "FastCGI 1.0, 5.1",
  },
  F16: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "BEGIN_REQUEST with an id that is already active is a protocol error that closes the connection.",
    source: "FastCGI 1.0, 3.3",
  },
  F17: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "Any id from 1 to 65535 works, in any order and with gaps, and may be used again after its END_REQUEST.",
    source: "FastCGI 1.0, 3.3; measured: HAProxy 2.6",
  },
  F18: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "The responder role is served, authorizer and filter only when an app is configured for them; any other role is answered at once with END_REQUEST UNKNOWN_ROLE, and the connection then stays open if KEEP_CONN is set.",
    source: "FastCGI 1.0, 5.5 and 6",
  },
  F19: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "Requests interleaved on one connection run at the same time, and their answers interleave correctly and may end in any order.",
    source: "FastCGI 1.0, 3.3 and Appendix B; measured: HAProxy 2.6",
  },
  F20: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "With multiplexing off, a second BEGIN_REQUEST while one is active is answered CANT_MPX_CONN, and the first request is not affected.",
    source: "FastCGI 1.0, 5.5",
  },
  F21: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "Above the maximum number of requests, and while shutting down, a new request is answered OVERLOADED.",
    source: "FastCGI 1.0, 5.5",
  },
  F22: {
    group: "FastCGI: begin and roles",
    milestone: "fastcgi",
    text: "Requests that have begun and never complete their PARAMS or STDIN are bounded in count, bytes and time, and ended when a bound is passed.",
    source: "FastCGI 1.0, 5; golang issue 81548",
  },
} as const;
