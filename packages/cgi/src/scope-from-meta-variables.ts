// The scope of a request, from the meta-variables a web server passed.
// Sources: RFC 3875 §4.1; ASGI HTTP 2.5 "WSGI Compatibility"; requirements C3, C4, C29 to C43, F30 to F33, F68.

import {
  GatewayError,
  isToken,
  keepTarget,
  scopeFromEnviron,
  type Extensions,
  type Headers,
  type HttpScopeInit,
} from "@tsgi/core";
import { corrected } from "./meta-corrections.ts";
import type { MetaSettings } from "./meta-settings.ts";
import type { MetaVariables } from "./meta-variables.ts";

/** What `scope.extensions.cgi` says: the request came from a web server that speaks CGI or FastCGI. */
export interface CgiExtension {
  /**
   * The meta-variables as they came: REMOTE_USER, AUTH_TYPE, SERVER_SOFTWARE, SSL_… are here, and nowhere among the headers. Whether
   * REMOTE_USER was checked is the web server's affair: nginx and HAProxy pass what the client claims.
   */
  readonly env: Readonly<MetaVariables>;
}

const NO_EXTENSIONS: Extensions = Object.freeze({});

/**
 * Makes the scope of a request. Its `extensions.wsgi.environ` are the meta-variables put right, so that a sync app finds all of them
 * in its environ; `extensions.cgi.env` are those that came ({@link CgiExtension}).
 *
 * @param extensions - What else this connection offers.
 * @throws {@link GatewayError} `TSGI_ERR_META_VARIABLE` for meta-variables that are no request: answer 400.
 */
export function scopeFromMetaVariables(
  meta: MetaVariables,
  settings: MetaSettings,
  extensions: Extensions = NO_EXTENSIONS,
): HttpScopeInit {
  const { REQUEST_METHOD: method = "" } = meta;
  if (!isToken(method)) {
    throw new GatewayError(
      "TSGI_ERR_META_VARIABLE",
      `REQUEST_METHOD is no method: ${JSON.stringify(method)}`,
    );
  }
  const environ = corrected(meta, settings);
  const made = fromEnviron(environ);
  const cgi: CgiExtension = { env: meta };
  const scope = {
    ...made,
    headers: withFraming(made.headers, meta),
    extensions: { ...extensions, wsgi: { environ }, cgi },
  };
  const { REQUEST_URI: target = "" } = meta;
  if (target !== "") keepTarget(scope, target);
  return scope;
}

const CHUNKED = ["transfer-encoding", "chunked"] as const;

/**
 * The web server has undone a transfer coding, so the field is no longer true: nginx leaves it in, beside the length it has counted.
 * Only where nobody knows the length, the field says that there is a body: guests look for it.
 */
function withFraming(headers: Headers, meta: MetaVariables): Headers {
  const { CONTENT_LENGTH = "", HTTP_TRANSFER_ENCODING = "" } = meta;
  const unknown = CONTENT_LENGTH === "-1" || (CONTENT_LENGTH === "" && HTTP_TRANSFER_ENCODING !== "");
  if (!unknown && HTTP_TRANSFER_ENCODING === "") return headers;
  const others = headers.filter(([name]) => name !== "transfer-encoding");
  return unknown ? [...others, CHUNKED] : others;
}

function fromEnviron(environ: MetaVariables): HttpScopeInit {
  try {
    return scopeFromEnviron(environ);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw new GatewayError("TSGI_ERR_META_VARIABLE", error.message, { cause: error });
  }
}
