// A FastCGI application, as far as tests need one: it does what its script says, right or wrong, over a real socket.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createTestClient, type TestClient, type TestClientOptions } from "@tsgi/testing";
import { BEGIN_REQUEST, END_REQUEST, PARAMS, STDERR, STDIN, STDOUT } from "./constants.ts";
import type { FromFastCgiOptions } from "./from-fastcgi-options.ts";
import { fromFastCgi } from "./from-fastcgi.ts";
import { decodePairs } from "./pairs.ts";
import { RecordList, rawRecord, type RawRecord, type ReadRecord } from "./record.test-support.ts";
import type { FastCgiTarget } from "./target.ts";

/** A whole request, as an upstream reads it. */
export interface ReadRequest {
  readonly id: number;
  readonly role: number;
  readonly flags: number;
  readonly params: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a connection of the gateway's is answered with. */
export type Script = (connection: ScriptedConnection, index: number) => Promise<void> | void;

/** Something that listens for a test. */
export interface ScriptedUpstream {
  readonly target: FastCgiTarget;
  /** In the order they came. */
  readonly connections: ScriptedConnection[];
  /** Stops listening and closes all connections. */
  close(): Promise<void>;
}

/** The gateway has closed the connection: the script has nothing more to do. */
class Closed extends Error {}

/** One connection, with an upstream's verbs. */
export class ScriptedConnection {
  readonly socket: Socket;
  /** Resolves when the gateway has closed it. */
  readonly closed: Promise<void>;
  /** The id of the request that was begun last. */
  lastId = 1;
  readonly #list = new RecordList();
  #taken = 0;
  #over = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      this.#list.reader.push(chunk);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      const over = (): void => {
        this.#over = true;
        this.#wake();
        resolve();
      };
      socket.on("end", over).on("close", over);
    });
  }

  /** All records that came. */
  get records(): readonly ReadRecord[] {
    return this.#list.records;
  }

  /** The next record. */
  async record(): Promise<ReadRecord> {
    for (;;) {
      const record = this.#list.records[this.#taken];
      if (record !== undefined) {
        this.#taken += 1;
        return record;
      }
      if (this.#over) throw new Closed();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Reads BEGIN_REQUEST and all of PARAMS. */
  async head(): Promise<ReadRequest> {
    const begin = await this.record();
    if (begin.type !== BEGIN_REQUEST) throw new Error(`Not BEGIN_REQUEST but ${begin.type}`);
    this.lastId = begin.id;
    const params: Record<string, string> = {};
    for (;;) {
      const { type, content } = await this.record();
      if (type !== PARAMS) throw new Error(`Not PARAMS but ${type}`);
      if (content === "") break;
      // No pair may go on in the next record.
      const pairs = decodePairs(content);
      for (let i = 0; i < pairs.length; i += 2) params[pairs[i] as string] = pairs[i + 1] as string;
    }
    const role = begin.content.charCodeAt(1);
    return { id: begin.id, role, flags: begin.content.charCodeAt(2), params, body: "" };
  }

  /** Reads STDIN to its end. */
  async stdin(): Promise<string> {
    let body = "";
    for (;;) {
      const { type, content } = await this.record();
      if (type !== STDIN) throw new Error(`Not STDIN but ${type}`);
      if (content === "") return body;
      body += content;
    }
  }

  /** Reads a whole request. */
  async request(): Promise<ReadRequest> {
    const head = await this.head();
    return { ...head, body: await this.stdin() };
  }

  /** Writes octets; resolves when the system has taken them. */
  write(...parts: readonly (Uint8Array | string)[]): Promise<void> {
    return new Promise((resolve) => {
      const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string, "latin1")));
      this.socket.write(bytes, () => resolve());
    });
  }

  stdout(content: string, id: number = this.lastId, raw: RawRecord = {}): Promise<void> {
    return this.write(rawRecord(STDOUT, id, content, raw));
  }

  stderr(content: string, id: number = this.lastId): Promise<void> {
    return this.write(rawRecord(STDERR, id, content));
  }

  /** END_REQUEST; what is reserved in it is no zeros, as with PHP. */
  end(appStatus: number = 0, protocolStatus: number = 0, id: number = this.lastId): Promise<void> {
    return this.write(rawRecord(END_REQUEST, id, endContent(appStatus, protocolStatus)));
  }

  /** A whole answer, as PHP gives it: without an empty STDOUT record. */
  answer(
    body: string,
    head: string = "Content-Type: text/plain\r\n",
    id: number = this.lastId,
  ): Promise<void> {
    const output = `${head}\r\n${body}`;
    const records: Uint8Array[] = [];
    for (let at = 0; at < output.length; at += 65_528) {
      records.push(rawRecord(STDOUT, id, output.slice(at, at + 65_528)));
    }
    return this.write(...records, rawRecord(END_REQUEST, id, endContent(0, 0)));
  }

  /** Closes it, without a word. */
  close(): void {
    this.socket.destroy();
  }
}

export function endContent(appStatus: number, protocolStatus: number): string {
  const status = [24, 16, 8, 0].map((shift) => String.fromCharCode((appStatus >>> shift) & 0xff)).join("");
  return `${status}${String.fromCharCode(protocolStatus)}\xde\xad\xbe`;
}

/** Listens, by TCP or on a unix socket, until the test is over. */
export async function scriptedUpstream(
  script: Script,
  by: "tcp" | "unix" = "tcp",
): Promise<ScriptedUpstream> {
  const connections: ScriptedConnection[] = [];
  const failures: unknown[] = [];
  // As PHP does: what the gateway has ended may still be answered.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const connection = new ScriptedConnection(socket);
    connections.push(connection);
    const run = async (): Promise<void> => script(connection, connections.length - 1);
    run().catch((error: unknown) => {
      if (!(error instanceof Closed)) failures.push(error);
      connection.close();
    });
  });
  const folder = by === "unix" ? mkdtempSync(join(tmpdir(), "tsgi-upstream-")) : null;
  if (folder === null) server.listen(0, "127.0.0.1");
  else server.listen(join(folder, "socket"));
  await once(server, "listening");
  const close = async (): Promise<void> => {
    const closed = server.listening ? once(server, "close") : null;
    server.close();
    for (const connection of connections) connection.close();
    await closed;
  };
  onTestFinished(async () => {
    await close();
    if (folder !== null) rmSync(folder, { recursive: true });
    if (failures.length > 0) throw failures[0];
  });
  const address = server.address();
  const target = typeof address === "string" ? { path: address } : { port: (address as AddressInfo).port };
  return { target, connections, close };
}

/** A client of a gateway to an upstream; the responses of failures are seen as a client sees them. */
export function clientOf(
  target: FastCgiTarget | readonly FastCgiTarget[],
  options: FromFastCgiOptions = {},
  client: TestClientOptions = {},
): TestClient {
  const app = fromFastCgi(target, options);
  const made = createTestClient(app, { raiseAppErrors: false, ...client });
  onTestFinished(() => made.stop());
  return made;
}

/** A script that answers every request of every connection with its body. */
export const echo: Script = async (connection) => {
  for (;;) {
    const { id, flags, body, params } = await connection.request();
    await connection.answer(`${params["REQUEST_METHOD"]} ${body}`, undefined, id);
    if (flags === 0) return connection.close();
  }
};

/** A promise, and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Turns of the event loop enough for what is on its way between two sockets of one process. */
export async function turns(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
