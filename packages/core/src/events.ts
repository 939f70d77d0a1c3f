// The events of ASGI 3: what an app receives and what it sends.
// Source: HTTP & WebSocket 2.5 (www), Lifespan 2.0, extensions. A key marked optional has its default beside it.

/** A piece of a body: bytes, or a string, which is sent as UTF-8. */
export type Chunk = Uint8Array | string;

/** Headers an app sends: any iterable of pairs; an array is quickest. */
export type ResponseHeaders = Iterable<readonly [name: string, value: string]>;

// ── received ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A piece of the request body. */
export interface HttpRequestEvent {
  readonly type: "http.request";
  /** Bytes of the body; empty only when there is nothing more. They are the app's: nobody writes to them later. */
  readonly body: Uint8Array;
  /** Whether more follows. */
  readonly more_body: boolean;
}

/** The client went away, or the response is complete. Every later `receive()` gives it again. */
export interface HttpDisconnectEvent {
  readonly type: "http.disconnect";
}

/** A WebSocket client asks to connect: the first event of a websocket scope. */
export interface WebSocketConnectEvent {
  readonly type: "websocket.connect";
}

/** A message; exactly one of `bytes` and `text` is not `null`. */
export interface WebSocketReceiveEvent {
  readonly type: "websocket.receive";
  readonly bytes: Uint8Array | null;
  readonly text: string | null;
}

/** The WebSocket is closed. */
export interface WebSocketDisconnectEvent {
  readonly type: "websocket.disconnect";
  /** The close code: 1005 if the peer gave none, 1006 if the connection was lost. */
  readonly code: number;
  readonly reason: string;
}

/** The server is about to listen. */
export interface LifespanStartupEvent {
  readonly type: "lifespan.startup";
}

/** The server has stopped listening and every connection is done. */
export interface LifespanShutdownEvent {
  readonly type: "lifespan.shutdown";
}

// ── sent: HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The head of the response; the host holds it back until the first piece of the body. */
export interface HttpResponseStartEvent {
  readonly type: "http.response.start";
  /** 200 to 999. */
  readonly status: number;
  /** Default: none. Names in lower case (another case is kept on HTTP/1); values are binary strings. */
  readonly headers?: ResponseHeaders;
  /** Whether `http.response.trailers` follows the body. Default: `false`. */
  readonly trailers?: boolean;
  /** Ours (extension `tsgi.reason`): the reason phrase on HTTP/1. Default: the standard one. */
  readonly reason?: string | null;
}

/** A piece of the response body. */
export interface HttpResponseBodyEvent {
  readonly type: "http.response.body";
  /** Default: empty. */
  readonly body?: Chunk;
  /** Whether more follows. Default: `false`. */
  readonly more_body?: boolean;
}

/** Extension: a 103 response with one Link field for each element; before the start, any number of times. */
export interface HttpResponseEarlyHintEvent {
  readonly type: "http.response.early_hint";
  readonly links: Iterable<string>;
}

/** Extension: fields after the body; a start with `trailers: true` announced them. */
export interface HttpResponseTrailersEvent {
  readonly type: "http.response.trailers";
  /** Default: none. */
  readonly headers?: ResponseHeaders;
  /** Whether another such event follows. Default: `false`. */
  readonly more_trailers?: boolean;
}

/** Extension: the whole body is this file. */
export interface HttpResponsePathSendEvent {
  readonly type: "http.response.pathsend";
  /** An absolute path. */
  readonly path: string;
}

/** Extension: a piece of the body taken from an open file, which stays open. */
export interface HttpResponseZeroCopySendEvent {
  readonly type: "http.response.zerocopysend";
  /** A file descriptor, or an object with a numeric `fd` (a `FileHandle` of `node:fs/promises`). */
  readonly file: number | { readonly fd: number };
  /** Where to read from, in bytes. Default: the file's own position, which then moves on. */
  readonly offset?: number;
  /** How much to read, in bytes. Default: to the end of the file. */
  readonly count?: number;
  /** Default: `false`. */
  readonly more_body?: boolean;
}

/** Extension: an HTTP/2 push. */
export interface HttpResponsePushEvent {
  readonly type: "http.response.push";
  /** The pushed request's path, decoded. */
  readonly path: string;
  readonly headers: ResponseHeaders;
}

/** Extension of test clients: facts for the test, before the start. */
export interface HttpResponseDebugEvent {
  readonly type: "http.response.debug";
  readonly info: Readonly<Record<string, unknown>>;
}

/** Ours (extension `tsgi.informational`): an interim response, 102 to 199, before the start. */
export interface InformationalEvent {
  readonly type: "tsgi.informational";
  readonly status: number;
  readonly headers?: ResponseHeaders;
}

// ── sent: WebSocket ─────────────────────────────────────────────────────────────────────────────────────────────

/** Completes the handshake. */
export interface WebSocketAcceptEvent {
  readonly type: "websocket.accept";
  /** One of the offered subprotocols. Default: `null`. */
  readonly subprotocol?: string | null;
  /** Default: none. */
  readonly headers?: ResponseHeaders;
}

/** A message; exactly one of `bytes` and `text` is given. */
export interface WebSocketSendEvent {
  readonly type: "websocket.send";
  readonly bytes?: Uint8Array | null;
  readonly text?: string | null;
}

/** Refuses the handshake (403), or closes the connection. */
export interface WebSocketCloseEvent {
  readonly type: "websocket.close";
  /** Default: 1000. */
  readonly code?: number;
  /** At most 123 octets of UTF-8. Default: `""`. */
  readonly reason?: string | null;
}

/** Extension: refuses the handshake with a whole response; the head. */
export interface WebSocketHttpResponseStartEvent {
  readonly type: "websocket.http.response.start";
  readonly status: number;
  readonly headers?: ResponseHeaders;
}

/** Extension: refuses the handshake with a whole response; a piece of the body. */
export interface WebSocketHttpResponseBodyEvent {
  readonly type: "websocket.http.response.body";
  readonly body?: Chunk;
  readonly more_body?: boolean;
}

// ── sent: lifespan ──────────────────────────────────────────────────────────────────────────────────────────────

/** Ready to serve. */
export interface LifespanStartupCompleteEvent {
  readonly type: "lifespan.startup.complete";
}

/** Cannot serve: the server logs the message and ends. */
export interface LifespanStartupFailedEvent {
  readonly type: "lifespan.startup.failed";
  /** Default: `""`. */
  readonly message?: string;
}

/** All put away. */
export interface LifespanShutdownCompleteEvent {
  readonly type: "lifespan.shutdown.complete";
}

/** Could not put everything away: logged, and the server's exit status says so. */
export interface LifespanShutdownFailedEvent {
  readonly type: "lifespan.shutdown.failed";
  /** Default: `""`. */
  readonly message?: string;
}

// ── unions ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** What `receive()` gives in an http scope. */
export type HttpReceiveEvent = HttpRequestEvent | HttpDisconnectEvent;

/** What `send()` takes in an http scope. */
export type HttpSendEvent =
  | HttpResponseStartEvent
  | HttpResponseBodyEvent
  | HttpResponseEarlyHintEvent
  | HttpResponseTrailersEvent
  | HttpResponsePathSendEvent
  | HttpResponseZeroCopySendEvent
  | HttpResponsePushEvent
  | HttpResponseDebugEvent
  | InformationalEvent;

/** What `receive()` gives in a websocket scope. */
export type WebSocketReceivedEvent = WebSocketConnectEvent | WebSocketReceiveEvent | WebSocketDisconnectEvent;

/** What `send()` takes in a websocket scope. */
export type WebSocketSentEvent =
  | WebSocketAcceptEvent
  | WebSocketSendEvent
  | WebSocketCloseEvent
  | WebSocketHttpResponseStartEvent
  | WebSocketHttpResponseBodyEvent;

/** What `receive()` gives in a lifespan scope. */
export type LifespanReceiveEvent = LifespanStartupEvent | LifespanShutdownEvent;

/** What `send()` takes in a lifespan scope. */
export type LifespanSendEvent =
  | LifespanStartupCompleteEvent
  | LifespanStartupFailedEvent
  | LifespanShutdownCompleteEvent
  | LifespanShutdownFailedEvent;

/** Every event an app may receive. */
export type ReceiveEvent = HttpReceiveEvent | WebSocketReceivedEvent | LifespanReceiveEvent;

/** Every event an app may send. */
export type SendEvent = HttpSendEvent | WebSocketSentEvent | LifespanSendEvent;
