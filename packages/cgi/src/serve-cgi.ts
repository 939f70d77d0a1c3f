// A portable app as a CGI program.
// Source: RFC 3875.

export type { MetaVariables } from "./meta-variables.ts";
