// What the conformance suite needs of a client: connections, requests sent step by step, responses read step by step.
// Implemented over sockets (http1.ts), HTTP/2 (http2.ts) and in memory; a new kind of host brings its own.

/** A field as it stands on the wire: name in its own case, value as a binary string. */
export type WireField = readonly [name: string, value: string];

/** A way to reach one server. */
export interface Wire {
  /** What a scope's `http_version` must say. */
  readonly httpVersion: "1.0" | "1.1" | "2";
  /** What a scope's `scheme` must say. */
  readonly scheme: "http" | "https";
  /** Where the server listens, as the client knows it; `null` without addresses. */
  readonly server: readonly [host: string, port: number] | null;
  /** Opens a connection that carries nothing yet. */
  open(): Promise<WireConnection>;
}

/** One connection of a client. */
export interface WireConnection {
  /** The client's own address, as the server should see it; `null` without addresses. */
  readonly local: readonly [host: string, port: number] | null;
  /**
   * Sends the head of a request. The next one on the same connection follows when the previous response was read to
   * its end.
   */
  request(request: WireRequest): WireExchange;
  /** Raw octets both ways; `null` unless this is HTTP/1 over a socket. */
  readonly octets: WireOctets | null;
  /**
   * Says that no more requests will come, and waits for the server to close.
   *
   * @throws {@link WireError} `"surplus"` if anything more arrives: a response had more octets than its framing says.
   */
  finish(): Promise<void>;
  /** Drops the connection at once, by a TCP reset where there is one. Does nothing on a closed one. */
  reset(): void;
}

/** The head of a request, and how its body is announced. */
export interface WireRequest {
  readonly method: string;
  /** As it goes on the wire: a binary string. */
  readonly target: string;
  /** In this order and case. A wire adds `Host` if it is missing, the fields that frame the body, and nothing else. */
  readonly headers: readonly WireField[];
  /** `null`: no body; a number: announced by Content-Length; `"unknown"`: of a length not told (chunked on HTTP/1.1). */
  readonly body: number | "unknown" | null;
}

/** A response head: interim (1xx) or final. */
export interface WireHead {
  readonly status: number;
  /** `""` where the protocol has none. */
  readonly reason: string;
  /** In the order of the wire; names in its case. */
  readonly headers: readonly WireField[];
  /** How the body is framed; `"none"` for a response that has no body; `"stream"` where the protocol has frames of its own. */
  readonly framing: "length" | "chunked" | "close" | "none" | "stream";
}

/** One request and its response. Reading is pull: what is not asked for stays in the socket, and holds the server back. */
export interface WireExchange {
  /** Sends a piece of the request body; resolves when the connection has taken it, so a server that does not read makes it wait. */
  write(piece: Uint8Array): Promise<void>;
  /** The request body is complete. */
  end(): Promise<void>;
  /** The next head: interim ones first, one for each call, then the final one. */
  head(): Promise<WireHead>;
  /**
   * The next piece of the response body; `null` at its end.
   *
   * @throws {@link WireError} `"cut"` if the response ends before it is complete.
   */
  read(): Promise<Uint8Array | null>;
  /** The fields after the body, once `read` has given `null`. */
  readonly trailers: readonly WireField[];
  /** Gives the exchange up: a reset of the connection, or of the stream on HTTP/2. */
  reset(): void;
}

/** The octets of an HTTP/1 connection. */
export interface WireOctets {
  /** Writes octets as they are; a string is a binary string. */
  write(octets: Uint8Array | string): Promise<void>;
  /** Half-closes: the server sees the end of the connection, and can still answer. */
  end(): void;
  /** Reads the next response, to a request with this method. */
  response(method: string): WireExchange;
  /** Everything that still arrives, to the end of the connection (a reset ends it too), as a binary string. */
  rest(): Promise<string>;
}

/**
 * What went wrong on the wire: `"cut"`, the connection ended or was reset within a response; `"closed"`, it ended before
 * a response began; `"syntax"`, the octets are not HTTP; `"surplus"`, there are octets that belong to no response.
 */
export type WireErrorKind = "cut" | "closed" | "syntax" | "surplus";

/** What went wrong on the wire, seen by the client. */
export class WireError extends Error {
  override readonly name: string = "WireError";
  readonly kind: WireErrorKind;

  constructor(kind: WireErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
