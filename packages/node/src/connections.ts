// The connections of a server: what a graceful shutdown says goodbye to, one by one.
// Sources: RFC 9112 §9.6 (Connection: close); RFC 9113 §6.8 (GOAWAY).

import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Server, Socket } from "node:net";
import { GatewayError } from "@tsgi/core";
import type { Connections } from "@tsgi/process";
import type { AnyServer } from "./create-server.ts";

/** How long a connection that was made just before the end may take to bring its first request, in milliseconds. */
const FIRST_REQUEST_MS = 500;

interface HttpSocket extends Socket {
  /** The response whose turn it is; Node's own, as old as pipelining. */
  _httpMessage?: ServerResponse | null;
}

/** Keeps track of a server's connections, from before it listens. */
export class HttpConnections implements Connections {
  readonly #server: AnyServer;
  /** What HTTP/1 or HTTP/2 is spoken on. */
  readonly #sockets = new Set<HttpSocket>();
  /** As accepted: under TLS other sockets, and also those whose handshake is not done. */
  readonly #accepted: Set<Socket>;
  readonly #sessions = new Set<ServerHttp2Session>();
  #draining = false;

  constructor(server: AnyServer, secure: boolean) {
    this.#server = server;
    this.#accepted = secure ? new Set() : this.#sockets;
    const any: Server = server;
    if (secure) any.on("connection", keeper(this.#accepted));
    const keepSocket = keeper(this.#sockets);
    any.on(secure ? "secureConnection" : "connection", (socket: HttpSocket) => {
      keepSocket(socket);
      if (this.#draining) endAfterResponse(socket);
    });
    const keepSession = keeper(this.#sessions);
    (server as Http2Server).on("session", (session) => {
      keepSession(session);
      if (this.#draining) session.close();
    });
  }

  /** How many connections have a request that is not answered to its end. */
  get busy(): number {
    // A session that was told to close is open only while it has streams.
    let count = this.#sessions.size;
    // oxlint-disable-next-line no-underscore-dangle
    for (const socket of this.#sockets) if (socket._httpMessage) count += 1;
    return count;
  }

  /**
   * Stops listening, and lets every connection end after the requests it has.
   *
   * @returns A promise that all have.
   */
  drain(): Promise<void> {
    this.#draining = true;
    const closed = this.#stopListening();
    const last = (_req: IncomingMessage, res: ServerResponse): void => {
      res.shouldKeepAlive = false;
    };
    const any: Server = this.#server;
    for (const event of ["request", "checkContinue"]) {
      // Not on a server of HTTP/2 alone: a first listener for requests would bring Node's compat layer in.
      if (any.listenerCount(event) > 0) any.prependListener(event, last);
    }
    for (const session of this.#sessions) session.close();
    for (const socket of this.#sockets) endAfterResponse(socket);
    return closed;
  }

  /** Cuts every connection. */
  cut(): void {
    // With an error: the streams of a session that is destroyed without one look as if they had ended well.
    const over = new GatewayError("TSGI_ERR_INCOMPLETE", "The server's grace period is over");
    for (const session of this.#sessions) session.destroy(over);
    for (const socket of this.#accepted) socket.destroy();
  }

  /** Node closes idle connections as it stops listening; from 26 on also those on which nothing has come yet. */
  #stopListening(): Promise<void> {
    const unused = Array.from(this.#sockets).filter(({ bytesRead }) => bytesRead === 0);
    for (const socket of unused) socket.destroy = () => socket;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of unused) delete (socket as { destroy?: unknown }).destroy;
    return closed;
  }
}

/** Keeps what is given to it in a set until it closes. One listener for all: there may be many idle connections. */
function keeper<T extends EventEmitter>(set: Set<T>): (item: T) => void {
  const forget = function forget(this: unknown): void {
    set.delete(this as T);
  };
  return (item) => {
    set.add(item);
    item.on("close", forget);
  };
}

function endAfterResponse(socket: HttpSocket): void {
  // oxlint-disable-next-line no-underscore-dangle
  const response = socket._httpMessage ?? null;
  if (response === null) {
    // Idle ones Node has closed. Where nothing ever came, the first request may be on its way; half a request surely is.
    if (socket.bytesRead === 0) endUnlessUsed(socket);
    return;
  }
  if (!response.headersSent) response.shouldKeepAlive = false;
  response.once("close", () => {
    // oxlint-disable-next-line no-underscore-dangle
    if (socket._httpMessage) endAfterResponse(socket);
    else socket.destroySoon();
  });
}

function endUnlessUsed(socket: Socket): void {
  const timer = setTimeout(() => {
    if (socket.bytesRead === 0) socket.destroy();
  }, FIRST_REQUEST_MS);
  socket.once("close", () => clearTimeout(timer));
}
