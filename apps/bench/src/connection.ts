// One keep-alive connection of the load generator: sends a scenario's request, checks the response, sends the next.
// A socket and prebuilt bytes rather than node:http, so that the client stays cheaper than the servers it drives.
import { connect, type Socket } from "node:net";
import { ResponseReader } from "./response-reader.ts";

/** What is sent, and what every response must be. */
export interface Exchange {
  /** The request, in parts that are written one after another. */
  readonly request: readonly Uint8Array[];
  /** The status every response must have. */
  readonly status: number;
  /** The body every response must have. */
  readonly body: Uint8Array;
}

/** Opens a connection to this machine and makes one request on it, whose body is compared byte for byte. */
export async function openConnection(port: number, exchange: Exchange): Promise<Connection> {
  const connection = new Connection(port, exchange);
  await connection.first();
  return connection;
}

/** A connection that is open, and idle unless a {@link Run} uses it. */
export class Connection {
  readonly #socket: Socket;
  readonly #exchange: Exchange;
  readonly #reader = new ResponseReader();
  #onResponse: () => void = () => {};
  #onFailure: (error: Error) => void = () => {};

  constructor(port: number, exchange: Exchange) {
    this.#exchange = exchange;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (bytes) => this.#read(bytes));
    this.#socket.on("error", (error) => this.#onFailure(error));
    this.#socket.on("close", () => this.#onFailure(new Error("The server closed a connection")));
  }

  /** False once the server has closed it. */
  get open(): boolean {
    return this.#socket.readyState === "open";
  }

  /** Sends the request once, without waiting: `onResponse` or `onFailure` is called for it. */
  send(onResponse: () => void, onFailure: (error: Error) => void): void {
    this.#onResponse = onResponse;
    this.#onFailure = onFailure;
    for (const part of this.#exchange.request) this.#socket.write(part);
  }

  /** Sends the first request and compares the whole response body. */
  async first(): Promise<void> {
    const pieces: Buffer[] = [];
    this.#reader.pieces = pieces;
    await new Promise<void>((resolve, reject) => this.send(resolve, reject));
    this.#reader.pieces = undefined;
    const body = Buffer.concat(pieces);
    if (!body.equals(this.#exchange.body)) {
      throw new Error(
        `An unexpected body of ${body.length} bytes: ${JSON.stringify(body.toString("latin1", 0, 80))}`,
      );
    }
  }

  /** The head of the last response. */
  get lastHead(): string {
    return this.#reader.head;
  }

  /** Closes it, without ado. */
  close(): void {
    this.#onFailure = () => {};
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    try {
      if (!this.#reader.feed(bytes)) return;
      this.#check();
    } catch (error) {
      this.#onFailure(error as Error);
      this.#socket.destroy();
      return;
    }
    this.#onResponse();
  }

  #check(): void {
    const { status, bodyLength } = this.#reader;
    if (status !== this.#exchange.status)
      throw new Error(`Status ${status} instead of ${this.#exchange.status}`);
    const expected = this.#exchange.body.length;
    if (bodyLength !== expected) throw new Error(`A body of ${bodyLength} bytes instead of ${expected}`);
  }
}
