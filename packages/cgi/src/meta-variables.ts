// The meta-variables of a request, as web servers pass them to CGI and FastCGI programs.
// Sources: RFC 3875 §4.1; CVE-2016-5385 (Proxy); requirements F29, X33 and S3.

import { GatewayError } from "@tsgi/core";

/** Meta-variables by name: binary strings (one code unit per octet), in the order they came, in an object without a prototype. */
export type MetaVariables = Record<string, string>;

/** An object for the meta-variables of one request: without a prototype, so that `__proto__` is a name like any other. */
export function metaVariables(): MetaVariables {
  return Object.create(null) as MetaVariables;
}

/**
 * Adds a meta-variable as it came. A header that comes again is joined to what is there (HTTP_COOKIE by `"; "`, others by `", "`),
 * as some web servers send one variable for each time it was sent; of another variable the last counts, and of HTTP_HOST: a client
 * sends one, but Debian's nginx sets it already, and so twice where it is set again. Left out are names with a dot, which belong to
 * servers (`wsgi.input`), and HTTP_PROXY, which is the client's header Proxy and no setting.
 */
export function addMetaVariable(meta: MetaVariables, name: string, value: string): void {
  if (name === "" || name === "HTTP_PROXY" || name.includes(".")) return;
  const before = name.startsWith("HTTP_") && name !== "HTTP_HOST" ? meta[name] : undefined;
  if (before === undefined) meta[name] = value;
  else meta[name] = `${before}${name === "HTTP_COOKIE" ? "; " : ", "}${value}`;
}

/** The variables that tell of the body's length. */
export interface LengthVariables {
  readonly CONTENT_LENGTH?: string;
  readonly HTTP_TRANSFER_ENCODING?: string;
}

/**
 * How long the request body is, in bytes: 0 if there is none, -1 if nobody knows: it ends where the input does.
 *
 * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE` for a CONTENT_LENGTH that is no length: answer 400.
 * @see RFC 3875 §4.1.2, §4.2
 */
export function bodyLengthOf(meta: LengthVariables): number {
  const { CONTENT_LENGTH: text = "", HTTP_TRANSFER_ENCODING: coding = "" } = meta;
  // Apache's mod_cgid passes a chunked body on without a length; Caddy writes -1 for it.
  if (text === "") return coding === "" ? 0 : -1;
  if (text === "-1") return -1;
  const length = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (length <= Number.MAX_SAFE_INTEGER) return length;
  throw new GatewayError("TSGI_ERR_META_VARIABLE", `CONTENT_LENGTH is no length: ${JSON.stringify(text)}`);
}
