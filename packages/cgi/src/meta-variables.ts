// The meta-variables of a request, as CGI and FastCGI pass them.
// Source: RFC 3875 §4.1.

/** Meta-variables by name: binary strings, in the order they came, in an object without a prototype. */
export type MetaVariables = Record<string, string>;
