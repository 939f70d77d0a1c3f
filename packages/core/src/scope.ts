// The scopes of ASGI 3: what an app is told about a connection before the first event.
// Source: ASGI 3.0, https://asgi.readthedocs.io/en/latest/specs/main.html; HTTP & WebSocket 2.5 (www), Lifespan 2.0, TLS 0.2.

import type { EnvironOrigin } from "./environ-origin.ts";

/** The versions a scope was made by. Frozen: one object may serve many scopes. */
export interface AsgiVersions {
  /** The ASGI version. Always `"3.0"`. */
  readonly version: "3.0";
  /** The version of the sub-specification: `"2.5"` for http and websocket, `"2.0"` for lifespan. */
  readonly spec_version: string;
}

/** One header as the app sees it: lower-case name, and value as a binary string (one code unit per octet, outer blanks removed). */
export type Header = readonly [name: string, value: string];

/** Headers in the order they arrived; a repeated header stands once for each time it was sent. */
export type Headers = readonly Header[];

/** An address: IP without brackets or zone, and port. */
export type ClientAddress = readonly [host: string, port: number];

/** The listening address; a unix socket is `[path, null]`. */
export type ServerAddress = readonly [host: string, port: number | null];

/** What scopes of an HTTP request and of a WebSocket share. */
export interface ConnectionScope<State = unknown> {
  readonly asgi: AsgiVersions;
  /** The client's HTTP version: `"1.0"`, `"1.1"`, `"2"` or `"3"`; never `"2.0"`. */
  readonly http_version: string;
  /** The target's path, percent-decoded once and UTF-8-decoded leniently. The mount prefix (`root_path`) is part of it. */
  readonly path: string;
  /** The target's path as the client sent it, as a binary string, without the query; `null` where the host cannot know it. */
  readonly raw_path: string | null;
  /** What follows the first `?`, still percent-encoded; `""` when there is none. */
  readonly query_string: string;
  /** The prefix the app is mounted at, decoded like `path`, without a trailing slash; `""` at the root. */
  readonly root_path: string;
  readonly headers: Headers;
  /** The peer's address; `null` for a unix socket, or where the host cannot know it. */
  readonly client: ClientAddress | null;
  /** The address the server listens on; `null` where the host cannot know it. */
  readonly server: ServerAddress | null;
  /** A shallow copy of what lifespan startup left in `state`; `null` where the host runs no lifespan. */
  readonly state: State | null;
  /** The extensions this very connection honours: a name is present if its events may be sent. */
  readonly extensions: Extensions;
}

/** An HTTP request as the host knows it, before core adds `signal`. */
export interface HttpScopeInit<State = unknown> extends ConnectionScope<State> {
  readonly type: "http";
  /** The request method in upper case. Unknown methods pass. */
  readonly method: string;
  /** `"http"` or `"https"`. */
  readonly scheme: "http" | "https";
  /**
   * Ours: the header lines as received, flat (`[name, value, name, value …]`), names in the client's case;
   * `null` where the host cannot know them. A guest that must look like `node:http` needs it.
   */
  readonly rawHeaders: readonly string[] | null;
}

/** An HTTP request. */
export interface HttpScope<State = unknown> extends HttpScopeInit<State> {
  /**
   * Ours: aborted when the client goes away, or the server cuts the request, before the response is complete; made on
   * first touch. A normal end does not abort it. The abort reason is a {@link ClientDisconnected}.
   */
  readonly signal: AbortSignal;
}

/** A WebSocket handshake. */
export interface WebSocketScope<State = unknown> extends ConnectionScope<State> {
  readonly type: "websocket";
  /** `"ws"` or `"wss"`. */
  readonly scheme: "ws" | "wss";
  /** The subprotocols the client offered, in its order. */
  readonly subprotocols: readonly string[];
  readonly rawHeaders: readonly string[] | null;
  readonly signal: AbortSignal;
}

/** The life of the process or worker: one such call before listening, ended after the last connection. */
export interface LifespanScope<State = unknown> {
  readonly type: "lifespan";
  readonly asgi: AsgiVersions;
  /** What startup leaves here, every request sees as a shallow copy. */
  readonly state: State;
}

/** Every scope an app may be called with; an app throws {@link UnsupportedScopeError} for a type it does not serve. */
export type Scope<State = unknown> = HttpScope<State> | WebSocketScope<State> | LifespanScope<State>;

/**
 * The extensions of ASGI 3 and ours, by name. A value is an object of facts about the extension, mostly empty.
 *
 * @see https://asgi.readthedocs.io/en/latest/extensions.html
 */
export interface Extensions {
  /** 103 responses may be sent with `http.response.early_hint`, before the start. */
  readonly "http.response.early_hint"?: EmptyExtension;
  /** A start with `trailers: true` may be followed by `http.response.trailers`. */
  readonly "http.response.trailers"?: EmptyExtension;
  /** The body may be a file, named by an absolute path: `http.response.pathsend`. */
  readonly "http.response.pathsend"?: EmptyExtension;
  /** Pieces of the body may be taken from an open file: `http.response.zerocopysend`. */
  readonly "http.response.zerocopysend"?: EmptyExtension;
  /** HTTP/2 push is possible: `http.response.push`. */
  readonly "http.response.push"?: EmptyExtension;
  /** Only a test client offers it: `http.response.debug`. */
  readonly "http.response.debug"?: EmptyExtension;
  /** A WebSocket may be refused with a whole HTTP response: `websocket.http.response.start` and `.body`. */
  readonly "websocket.http.response"?: EmptyExtension;
  /** The facts of the TLS connection; absent without TLS. */
  readonly tls?: TlsExtension;
  /** Ours: `http.response.start` may carry `reason`, and the host writes it. */
  readonly "tsgi.reason"?: EmptyExtension;
  /** Ours: any 1xx response but 100 and 101 may be sent with `tsgi.informational`, before the start. */
  readonly "tsgi.informational"?: EmptyExtension;
  /** Ours: the environ this scope was made from, when the host spoke PEP 3333. */
  readonly wsgi?: EnvironOrigin;
  readonly [name: string]: object | undefined;
}

/** An extension that says no more than that it is there. */
export type EmptyExtension = Readonly<Record<string, never>>;

/**
 * What TLS tells.
 *
 * @see ASGI TLS extension 0.2
 */
export interface TlsExtension {
  /** The server's certificate in PEM, or `null` if the host cannot know it. */
  readonly server_cert: string | null;
  /** The client's certificate and its issuers in PEM, leaf first; empty if the client sent none. */
  readonly client_cert_chain: readonly string[];
  /** The subject of the client's certificate as RFC 4514 writes it, or `null`. */
  readonly client_cert_name: string | null;
  /** Why the client's certificate was not accepted, or `null`; never empty. */
  readonly client_cert_error: string | null;
  /** The TLS version as on the wire (`0x0303` is TLS 1.2, `0x0304` is TLS 1.3), or `null`. */
  readonly tls_version: number | null;
  /** The cipher suite's 16-bit IANA number, or `null` if the host cannot know it. */
  readonly cipher_suite: number | null;
}
