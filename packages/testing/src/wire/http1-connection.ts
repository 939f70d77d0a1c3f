// A connection of HTTP/1.1 over TCP or TLS, byte-exact: what is asked for is what goes on the wire.
// Source: RFC 9112.

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ByteReader } from "./byte-reader.ts";
import type { Http1WireOptions } from "./http1.ts";
import { ResponseReader } from "./response-reader.ts";
import {
  WireError,
  type WireConnection,
  type WireExchange,
  type WireField,
  type WireHead,
  type WireOctets,
  type WireRequest,
} from "./wire.ts";

/** Opens a connection to an HTTP/1.1 server. */
export async function openHttp1({
  host = "127.0.0.1",
  port,
  tls,
}: Http1WireOptions): Promise<WireConnection> {
  const socket =
    tls === undefined
      ? connect({ host, port, allowHalfOpen: true, noDelay: true })
      : connectTls({ host, port, ...tls }).setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once(tls === undefined ? "connect" : "secureConnect", resolve);
    socket.once("error", reject);
  });
  return new Http1Connection(socket, `${host}:${port}`);
}

class Http1Connection implements WireConnection {
  readonly #socket: Socket;
  readonly #reader: ByteReader;
  readonly #authority: string;
  readonly local: readonly [string, number] | null;
  readonly octets: WireOctets;

  constructor(socket: Socket, authority: string) {
    this.#socket = socket;
    this.#reader = new ByteReader(socket);
    this.#authority = authority;
    const { localAddress, localPort } = socket;
    this.local = localAddress === undefined || localPort === undefined ? null : [localAddress, localPort];
    this.octets = {
      write: (octets) => write(socket, octets),
      end: () => void socket.end(),
      response: (method) => new Http1Exchange(socket, this.#reader, method, null),
      rest: () => this.#rest(),
    };
  }

  request(request: WireRequest): WireExchange {
    const exchange = new Http1Exchange(this.#socket, this.#reader, request.method, request.body);
    exchange.sent = write(this.#socket, encodeHead(request, this.#authority));
    return exchange;
  }

  async finish(): Promise<void> {
    this.#socket.end();
    const rest = await this.#rest();
    this.#socket.destroy();
    if (rest === "") return;
    throw new WireError(
      "surplus",
      `Octets that belong to no response: ${JSON.stringify(rest.slice(0, 200))}`,
    );
  }

  async #rest(): Promise<string> {
    let rest = "";
    for (;;) {
      const piece = await this.#reader.some(Infinity);
      if (piece === null) return rest;
      rest += piece.toString("latin1");
    }
  }

  reset(): void {
    resetSocket(this.#socket);
  }
}

class Http1Exchange implements WireExchange {
  readonly #socket: Socket;
  readonly #response: ResponseReader;
  readonly #body: WireRequest["body"];
  sent: Promise<void> = Promise.resolve();

  constructor(socket: Socket, reader: ByteReader, method: string, body: WireRequest["body"]) {
    this.#socket = socket;
    this.#response = new ResponseReader(reader, method);
    this.#body = body;
  }

  write(piece: Uint8Array): Promise<void> {
    if (this.#body !== "unknown") return write(this.#socket, piece);
    const size = Buffer.from(`${piece.byteLength.toString(16)}\r\n`);
    return write(this.#socket, Buffer.concat([size, piece, Buffer.from("\r\n")]));
  }

  end(): Promise<void> {
    return this.#body === "unknown" ? write(this.#socket, "0\r\n\r\n") : this.sent;
  }

  head(): Promise<WireHead> {
    return this.#response.head();
  }

  read(): Promise<Uint8Array | null> {
    return this.#response.read();
  }

  get trailers(): readonly WireField[] {
    return this.#response.trailers;
  }

  reset(): void {
    resetSocket(this.#socket);
  }
}

/** The octets of a request head. */
export function encodeHead({ method, target, headers, body }: WireRequest, authority: string): string {
  const lines = [`${method} ${target} HTTP/1.1`];
  if (!headers.some(([name]) => name.toLowerCase() === "host")) lines.push(`Host: ${authority}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (typeof body === "number") lines.push(`Content-Length: ${body}`);
  if (body === "unknown") lines.push("Transfer-Encoding: chunked");
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Resolves when the kernel has taken the octets, or the server has gone: what became of it is seen by reading. */
function write(socket: Socket, octets: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => {
    // In a turn of its own: who writes on and on must not keep the time limit of a case from firing.
    if (socket.destroyed || socket.writableEnded) setImmediate(resolve);
    else if (typeof octets === "string") socket.write(octets, "latin1", () => resolve());
    else socket.write(octets, () => resolve());
  });
}

function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  // Only a plain socket can be reset; under TLS the connection is dropped without close_notify. `resetAndDestroy` would
  // send a FIN first, which a server may take for a half-close: the flag is what it sets before it ends the socket.
  if (!("getCipher" in socket)) Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}
