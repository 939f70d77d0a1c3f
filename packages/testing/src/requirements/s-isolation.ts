// Requirements S17 to S32: secrets, proxies, errors and leaks.
// Source: RFC 3875, section 9; RFC 9110, section 17; the CVEs named.

/** The requirements of the group "Security: isolation and robustness". */
export const sIsolation = {
  S17: {
    group: "Security: isolation and robustness",
    milestone: "cgi",
    text: "A query such as `-s` never reaches the command line of a program.",
    source: "CVE-2012-1823; RFC 3875, 4.4",
  },
  S18: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "No adapter invents `text/html`: error pages are text/plain and repeat nothing of the request.",
    source: "CVE-2020-24553",
  },
  S19: {
    group: "Security: isolation and robustness",
    milestone: "cgi",
    text: "Variables reach a child process verbatim and never pass through a shell.",
    source: "CVE-2014-6271",
  },
  S20: {
    group: "Security: isolation and robustness",
    milestone: "cgi",
    text: "Authorization is not passed to CGI children by default, the parent's environment is not inherited, and no error text sent to a client contains a stack or a path.",
    source: "RFC 3875, 9.2; CWE-209",
  },
  S21: {
    group: "Security: isolation and robustness",
    milestone: "fastcgi",
    text: "X-Accel headers and X-Sendfile from an upstream app are removed unless enabled.",
    source: "nginx X-Accel; Apache mod_xsendfile",
  },
  S22: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "Forwarding headers of a peer that is not a trusted proxy change nothing, and no request header of a client ever sets `SCRIPT_NAME`.",
    source: "RFC 7239, 8; gunicorn issue 2650",
  },
  S23: {
    group: "Security: isolation and robustness",
    milestone: "fastcgi",
    text: "As a gateway to CGI or FastCGI, exactly the headers named in Connection are removed together with the hop-by-hop ones.",
    source: "RFC 9110, 7.6.1",
  },
  S24: {
    group: "Security: isolation and robustness",
    milestone: "cgi",
    text: "TRACE and CONNECT are not passed to CGI or FastCGI by default and are answered 405 or 501.",
    source: "RFC 9110, 9.3.6 and 9.3.8",
  },
  S25: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "No response gets a content encoding the app did not choose.",
    source: "CVE-2013-3587",
  },
  S26: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "An error after the response has ended, in a generator's finally, in `close()` or in an after-response hook is logged, and the process survives.",
    source: "ASGI 3.0, Error Handling; PEP 3333, Error Handling",
  },
  S27: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "Events can be cloned by `structuredClone` and are not shared between requests, and bytes given to an app are never overwritten later.",
    source: "ASGI 3.0, Events",
  },
  S28: {
    group: "Security: isolation and robustness",
    milestone: "cgi",
    text: "A CGI child has a maximum run time and an optional maximum output, and ending it ends its whole process group.",
    source: "POSIX setpgid and setrlimit",
  },
  S29: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "A Unix socket is created without following links and with the configured mode, and only a socket file of our own is removed.",
    source: "CWE-59; CWE-732",
  },
  S30: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "CR, LF, ESC and other control characters in paths, headers and stderr lines are escaped in every log line.",
    source: "CWE-117",
  },
  S31: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "The limits of node:http2 against floods of resets and CONTINUATION frames, such as its session memory, can be set through the server's options.",
    source: "CVE-2023-44487; CVE-2024-27983",
  },
  S32: {
    group: "Security: isolation and robustness",
    milestone: "core",
    text: "Ten thousand requests on one kept connection leave the number of abort and socket listeners constant.",
    source: "Node.js EventTarget",
  },
} as const;
