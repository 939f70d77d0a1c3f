// The socket of a synthetic request: a net.Socket without a handle, whose other end is a FarEnd in this process.
// Source: https://nodejs.org/docs/latest-v20.x/api/net.html#class-netsocket. Being one, it has timeouts, `destroySoon` and the rest as they are.
/* oxlint-disable no-underscore-dangle -- Node's own names */

import { Socket, type AddressInfo } from "node:net";
import type { HttpScopeInit } from "@tsgi/core";

/** What a writable stream hands over at once. */
export interface Piece {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

/** Done, or failed, with what was handed over. */
export type Done = (error?: Error | null) => void;

/** Who takes what a guest writes to the socket, and is asked for what it may read. */
export interface FarEnd {
  /** More may be handed over when `done` was called, not sooner. */
  piecesWritten(pieces: readonly Piece[], done: Done): void;
  /** Nothing more will be written. */
  writingEnded(done: Done): void;
  /** The guest reads on: the request body may flow. Asked often. */
  readingResumed(): void;
  socketDrained(): void;
  socketTimedOut(): void;
  socketClosed(): void;
}

/** The far end of a request that is over. */
const NOBODY: FarEnd = Object.freeze({
  piecesWritten: (_pieces: readonly Piece[], done: Done) => done(),
  writingEnded: (done: Done) => done(),
  readingResumed: () => {},
  socketDrained: () => {},
  socketTimedOut: () => {},
  socketClosed: () => {},
});

let farOf: (socket: SyntheticSocket) => FarEnd;

interface Address {
  readonly address?: string;
  readonly port?: number;
  readonly family?: string;
}

const UNKNOWN: Address = Object.freeze({});

/** A socket nobody connected. */
export class SyntheticSocket extends Socket {
  static {
    farOf = (socket) => socket.#far;
  }

  readonly #client: HttpScopeInit["client"];
  readonly #server: HttpScopeInit["server"];
  #far: FarEnd;
  #read = 0;
  #written = 0;
  /** What Node's own request and response look at. */
  _paused = false;

  constructor(scope: HttpScopeInit, far: FarEnd) {
    // Without options, which cost 8 µs on Node 20.
    super();
    // As a server's sockets are: a client that has ended its side still gets its response.
    this.allowHalfOpen = true;
    this.#client = scope.client;
    this.#server = scope.server;
    this.#far = far;
    this.on("error", onError);
    this.on("close", onClose);
    this.on("drain", onDrain);
    this.on("timeout", onTimeout);
  }

  /**
   * The request is over: nothing of it hangs on this socket any more. From Node 22 on a stream is held by a function that V8
   * puts among its old objects at once, and so survives with all that hangs on it until the next full collection.
   */
  letGo(): void {
    this.#far = NOBODY;
  }

  /** A piece of the request came through this socket. */
  countRead(bytes: number): void {
    this.#read += bytes;
    this.#active();
  }

  get readBytes(): number {
    return this.#read;
  }

  get writtenBytes(): number {
    return this.#written;
  }

  override _read(): void {}

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: Done): void {
    this._writev([{ chunk, encoding }], done);
  }

  override _writev(pieces: { chunk: Buffer | string; encoding: BufferEncoding }[], done: Done): void {
    for (const { chunk, encoding } of pieces) {
      this.#written += typeof chunk === "string" ? Buffer.byteLength(chunk, encoding) : chunk.length;
    }
    this.#active();
    this.#far.piecesWritten(pieces, done);
  }

  override _final(done: Done): void {
    this.#far.writingEnded(done);
  }

  override destroy(error?: Error): this {
    // Before the base class marks the socket destroyed, and setTimeout() then does nothing.
    if (this.timeout) this.setTimeout(0);
    return super.destroy(error);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    done(error);
    // Where a handle would be closed: behind the callbacks of this turn, as Node's sockets do.
    setImmediate(emitClose, this, error !== null);
  }

  /** A request's way to say that it wants more: Node's IncomingMessage calls this from each read. */
  override resume(): this {
    this.#far.readingResumed();
    return this;
  }

  override pause(): this {
    return this;
  }

  override address(): AddressInfo | Record<string, never> {
    return this._getsockname() as AddressInfo | Record<string, never>;
  }

  override ref(): this {
    return this;
  }

  override unref(): this {
    return this;
  }

  override setNoDelay(): this {
    return this;
  }

  override setKeepAlive(): this {
    return this;
  }

  override resetAndDestroy(): this {
    return this.destroy();
  }

  // The two that net.Socket's address getters ask.
  _getpeername(): Address {
    const client = this.#client;
    return client === null ? UNKNOWN : addressOf(client[0], client[1]);
  }

  _getsockname(): Address {
    const server = this.#server;
    return server === null || server[1] === null ? UNKNOWN : addressOf(server[0], server[1]);
  }

  #active(): void {
    // What every socket does at each sign of life, to put its timeout off.
    (this as unknown as { _unrefTimer(): void })._unrefTimer();
  }
}

// net.Socket declares these as properties and has them as getters on its prototype: so must we.
Object.defineProperties(SyntheticSocket.prototype, {
  pending: { configurable: true, value: false },
  bytesRead: {
    configurable: true,
    get(this: SyntheticSocket): number {
      return this.readBytes;
    },
  },
  bytesWritten: {
    configurable: true,
    get(this: SyntheticSocket): number {
      return this.writtenBytes + this.writableLength;
    },
  },
});

function addressOf(address: string, port: number): Address {
  return { address, family: address.includes(":") ? "IPv6" : "IPv4", port };
}

function onError(): void {}

function onClose(this: SyntheticSocket): void {
  farOf(this).socketClosed();
}

function onDrain(this: SyntheticSocket): void {
  farOf(this).socketDrained();
}

function onTimeout(this: SyntheticSocket): void {
  farOf(this).socketTimedOut();
}

function emitClose(socket: SyntheticSocket, hadError: boolean): void {
  socket.emit("close", hadError);
}
