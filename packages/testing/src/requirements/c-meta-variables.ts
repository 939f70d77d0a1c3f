// Requirements C28 to C43: reading what each web server sends.
// Source: RFC 3875, section 4.1; recordings of real web servers.

/** The requirements of the group "CGI program: meta-variables and web server quirks". */
export const cMetaVariables = {
  C28: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "Under CGI `wsgi.run_once` and `wsgi.multiprocess` are true and `wsgi.multithread` is false.",
    source: "PEP 3333, environ Variables",
  },
  C29: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "The scheme is `https` when HTTPS is `on`, `1` or `yes` in any case or REQUEST_SCHEME is `https`, and otherwise `http`.",
    source: "PEP 3333, environ Variables; measured: nginx 1.22",
  },
  C30: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "`PATH_INFO` equals the octets the web server passed, also where they are not UTF-8: they are recovered from `REQUEST_URI`, else from the raw process environment of the operating system, else by encoding the decoded value again.",
    source: "PEP 3333, Unicode Issues; RFC 3875, 4.1.5",
  },
  C31: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "On Windows the variables are encoded again as UTF-8 under Microsoft-IIS and taken as Latin-1 octets under Apache, told apart by the prefix of `SERVER_SOFTWARE`.",
    source: "wsgiref.handlers read_environ",
  },
  C32: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "An option removes the `SCRIPT_NAME` that IIS repeats in front of `PATH_INFO`, on a segment boundary only, and the fixes for IIS 6 and IIS 7 are options too.",
    source: "wsgiref.handlers IISCGIHandler; Plack IIS6ScriptNameFix and IIS7KeepAliveFix",
  },
  C33: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "With the option `scriptName` the given prefix becomes `SCRIPT_NAME` and `PATH_INFO` is derived from `REQUEST_URI`, for nginx and fcgiwrap which send the whole path as `SCRIPT_NAME`; a forwarded `HTTP_PROXY` is dropped.",
    source: "measured: nginx 1.22 with fcgiwrap 1.1",
  },
  C34: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "The same option serves lighttpd mounted at the root, which sends the path as `SCRIPT_NAME` and leaves `PATH_INFO` empty.",
    source: "lighttpd fix-root-scriptname; Plack LighttpdScriptNameFix",
  },
  C35: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "When `PATH_INFO` differs from the decoded `REQUEST_URI` under the same prefix only by collapsed slashes, the form of `REQUEST_URI` is used.",
    source: "Plack::Handler::FCGI; measured: nginx 1.22, lighttpd 1.4.69",
  },
  C36: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "`REDIRECT_` variables are passed through without meaning, except that an option maps `REDIRECT_HTTP_AUTHORIZATION` to `HTTP_AUTHORIZATION`.",
    source: "Apache HTTP Server, Custom Error Responses",
  },
  C37: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "`AUTH_TYPE`, `REMOTE_USER` and `REMOTE_IDENT` appear in `environ` and, for an async app, in an extension of the scope, never as headers a client could set.",
    source: "RFC 3875, 4.1.1, 4.1.10 and 4.1.11",
  },
  C38: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "`REMOTE_ADDR` is the client's ip, a missing `REMOTE_PORT` gives port 0, and a `REMOTE_HOST` equal to the address is accepted.",
    source: "RFC 3875, 4.1.8",
  },
  C39: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "A `SERVER_NAME` with a port or in brackets is reduced to the host, and the port comes from `SERVER_PORT`.",
    source: "RFC 3875, 4.1.14; measured: HAProxy 2.6",
  },
  C40: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "Command-line arguments a web server made from the query are ignored and never read as options.",
    source: "RFC 3875, 4.4; CVE-2012-1823; measured: Apache mod_cgid",
  },
  C41: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "In NPH mode (by option or a script name that starts with `nph-`) the output is a complete HTTP response of the request's version with Date and `Connection: close`, its body ended by closing, or chunked on HTTP/1.1 only; FastCGI never uses it.",
    source: "RFC 3875, 5; FastCGI 1.0, 6.1",
  },
  C42: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "A `GATEWAY_INTERFACE` other than CGI with a version is accepted with a warning.",
    source: "RFC 3875, 4.1.4",
  },
  C43: {
    group: "CGI program: meta-variables and web server quirks",
    milestone: "cgi",
    text: "An `OPTIONS *` request, seen as a `REQUEST_URI` of `*` with an empty `PATH_INFO`, gives the path `*`.",
    source: "RFC 9112, 3.2.4",
  },
} as const;
