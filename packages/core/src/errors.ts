// Every error this package throws: one class, stable codes. What each means for the reader: docs/errors.md.

/** The codes core throws or rejects with; other packages add their own with the same prefix. */
export type CoreErrorCode =
  | "TSGI_ERR_ABORTED"
  | "TSGI_ERR_BODY_TOO_LARGE"
  | "TSGI_ERR_BODY_TRUNCATED"
  | "TSGI_ERR_CONTENT_LENGTH"
  | "TSGI_ERR_EVENT"
  | "TSGI_ERR_EVENT_ORDER"
  | "TSGI_ERR_EXTENSION"
  | "TSGI_ERR_FILE"
  | "TSGI_ERR_HEADER"
  | "TSGI_ERR_INCOMPLETE"
  | "TSGI_ERR_LIFESPAN"
  | "TSGI_ERR_LIFESPAN_TIMEOUT"
  | "TSGI_ERR_NO_RESPONSE"
  | "TSGI_ERR_OPTION"
  | "TSGI_ERR_RESULT"
  | "TSGI_ERR_SEND_OVERFLOW"
  | "TSGI_ERR_STATUS"
  | "TSGI_ERR_THROWN"
  | "TSGI_ERR_TOO_MANY_HEADERS"
  | "TSGI_ERR_UNSUPPORTED_SCOPE"
  | "TSGI_ERR_WSGI";

/** The one error class of TSGI: `code` is for programs, `message` for people, `cause` is what was caught. */
export class GatewayError extends Error {
  override readonly name: string = "GatewayError";
  /** Stable: `TSGI_ERR_…`; `ECONNRESET` for {@link ClientDisconnected}. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The client is gone. `send()` rejects with it, `scope.signal` is aborted with it; an app that lets it escape has done
 * nothing wrong, and nothing is logged.
 *
 * @see ASGI HTTP 2.4, "Disconnected Client"
 */
export class ClientDisconnected extends GatewayError {
  override readonly name: string = "ClientDisconnected";

  constructor(message: string = "The client has gone away", options?: ErrorOptions) {
    super("ECONNRESET", message, options);
  }
}

/**
 * What an app throws for a scope type it does not serve. On `lifespan` it means "I have no startup and shutdown", and the
 * server goes on without.
 */
export class UnsupportedScopeError extends GatewayError {
  override readonly name: string = "UnsupportedScopeError";

  constructor(type: string) {
    super("TSGI_ERR_UNSUPPORTED_SCOPE", `This app does not serve scopes of type "${type}"`);
  }
}

/**
 * What an app throws to hang up: the connection is cut, nothing more is sent, not even a 500, and nothing is logged.
 * `fromNode` throws it for a listener that destroys its connection.
 */
export class ResponseAborted extends GatewayError {
  override readonly name: string = "ResponseAborted";

  constructor(message: string = "The app has hung up", options?: ErrorOptions) {
    super("TSGI_ERR_ABORTED", message, options);
  }
}
