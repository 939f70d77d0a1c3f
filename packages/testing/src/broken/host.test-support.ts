// A small sound host on node:http, made to be broken: each broken adapter changes one thing of it.
// Source: core's transport contract; what is particular to Node stands in @tsgi/node, on which this package may not depend.

import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from "node:http";
import { open } from "node:fs/promises";
import type { AddressInfo, Socket } from "node:net";
import {
  bytesOf,
  decodePath,
  serve,
  splitTarget,
  type AsgiApp,
  type Chunk,
  type FileSource,
  type HttpExchange,
  type HttpScopeInit,
  type HttpTransport,
  type LogLevel,
  type ResponseHead,
} from "@tsgi/core";
import type { Served } from "../suite/run.ts";
import type { LogSink } from "../suite/log.ts";
import { http1Wire } from "../wire/http1.ts";

/** What can be broken of the host. */
export interface Parts {
  /** Default: {@link SoundTransport}. */
  readonly Transport?: new (req: IncomingMessage, res: ServerResponse, log: LogSink) => SoundTransport;
  /** Changes the scope the app gets. Default: not at all. */
  readonly scope?: (scope: HttpScopeInit, req: IncomingMessage) => HttpScopeInit;
  /** Stands between host and app. Default: nothing does. */
  readonly around?: (app: AsgiApp) => AsgiApp;
  /** What a framework in front does first. Default: nothing. */
  readonly first?: (req: IncomingMessage, res: ServerResponse) => void;
  /** Whether the Host of a request may be anything. Default: `false`. */
  readonly anyHost?: boolean;
  /** Options of Node's server. Default: none. */
  readonly server?: ServerOptions;
}

/** Serves an app by a host of these parts. */
export async function serveBy(parts: Parts, app: AsgiApp, log: LogSink): Promise<Served> {
  const { Transport = SoundTransport, scope = (sound) => sound, around = (sound) => sound } = parts;
  const wrapped = around(app);
  /** The connections on which nothing more is served. */
  const over = new WeakSet<Socket>();
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    const { socket } = req;
    if (over.has(socket)) return;
    const servable = isServable(req, parts.anyHost === true);
    parts.first?.(req, res);
    if (!servable || req.headers.connection?.toLowerCase() === "close") over.add(socket);
    if (servable) serve(wrapped, scope(soundScope(req), req), new Transport(req, res, log));
    else res.writeHead(400, { connection: "close" }).end();
  };
  const server = createServer({ requireHostHeader: false, ...parts.server }, listener);
  server.maxHeadersCount = 0;
  server.on("checkContinue", listener);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (over.has(socket)) return;
    over.add(socket);
    const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Too Large" : "400 Bad Request";
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    else socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    wire: http1Wire({ port: (server.address() as AddressInfo).port }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whether a request is one that Node's parser should not have let through. */
function isServable(
  { rawHeaders, url = "", httpVersion, method }: IncomingMessage,
  anyHost: boolean,
): boolean {
  const valuesOf = (wanted: string): string[] =>
    rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === wanted);
  const [host, ...otherHosts] = valuesOf("host");
  const [coding, ...otherCodings] = valuesOf("transfer-encoding");
  if (httpVersion !== "1.1" && httpVersion !== "1.0") return false;
  if (otherHosts.length > 0 || otherCodings.length > 0) return false;
  if (coding !== undefined && (httpVersion === "1.0" || coding.toLowerCase() !== "chunked")) return false;
  if (host === undefined ? httpVersion === "1.1" : !anyHost && !/^[A-Za-z0-9.-]*(:\d*)?$/.test(host))
    return false;
  return /^(\/|https?:)/.test(url) || (url === "*" && method === "OPTIONS");
}

const OFFERED = [
  "http.response.early_hint",
  "http.response.trailers",
  "http.response.pathsend",
  "http.response.zerocopysend",
  "tsgi.reason",
  "tsgi.informational",
];

/** The scope of a request. */
export function soundScope(req: IncomingMessage): HttpScopeInit {
  const { rawPath, query } = splitTarget(req.url ?? "");
  const { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 } = req.socket;
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: req.httpVersion,
    method: req.method ?? "",
    scheme: "http",
    path: decodePath(rawPath),
    raw_path: rawPath,
    query_string: query,
    root_path: "",
    headers: headerPairs(req),
    client: [remoteAddress, remotePort],
    server: [localAddress, localPort],
    state: null,
    extensions: Object.fromEntries(OFFERED.map((name) => [name, {}])),
    rawHeaders: req.rawHeaders,
  };
}

/** The headers as they arrived, names in lower case. */
export function headerPairs({ rawHeaders }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    pairs.push([(rawHeaders[i] as string).toLowerCase(), rawHeaders[i + 1] as string]);
  }
  return pairs;
}

/** Moves one request on node:http. */
export class SoundTransport implements HttpTransport {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly sink: LogSink;
  exchange!: HttpExchange;
  #reading = false;

  constructor(req: IncomingMessage, res: ServerResponse, log: LogSink) {
    this.req = req;
    this.res = res;
    this.sink = log;
  }

  attach(exchange: HttpExchange): void {
    this.exchange = exchange;
    const lost = (): void => {
      if (!this.res.writableFinished) exchange.connectionLost();
    };
    this.res.on("close", lost);
    this.req.on("error", () => {});
    // Behind another response, this one is told nothing.
    if (this.res.socket === null) this.req.socket.once("close", lost);
    this.res.on("drain", () => exchange.drained());
  }

  read(): void {
    if (!this.#reading) {
      this.#reading = true;
      if (this.req.headers.expect !== undefined && this.req.httpVersion !== "1.0") this.res.writeContinue();
      this.req.on("data", (chunk: Buffer) => {
        this.req.pause();
        this.exchange.dataReceived(chunk);
      });
      this.req.on("end", () => this.exchange.eofReceived());
    }
    this.req.resume();
  }

  writeHead(head: ResponseHead): void {
    const fields = [...head.headers];
    const unread = this.req.headers.expect !== undefined && !this.#reading;
    if (head.close || unread) fields.push("connection", "close");
    if (head.reason === null) this.res.writeHead(head.status, fields);
    else this.res.writeHead(head.status, head.reason, fields);
  }

  write(chunk: Chunk): boolean {
    // As bytes, because Node would write the head in the encoding of a string.
    if (chunk.length > 0) return this.res.write(bytesOf(chunk));
    this.res.flushHeaders();
    return true;
  }

  end(chunk: Chunk | null): void {
    if (chunk === null) this.res.end();
    else this.res.end(bytesOf(chunk));
    this.req.resume();
  }

  abort(): void {
    const socket = this.res.socket ?? this.req.socket;
    socket.write("", () => {
      Object.assign(socket, { resetAndClosing: !this.res.chunkedEncoding });
      socket.destroy();
    });
  }

  detach(): void {}

  log(level: LogLevel, message: string, error?: unknown): void {
    this.sink(level, message, error);
  }

  writeInformational(status: number, headers: readonly string[]): void {
    const lines = [`HTTP/1.1 ${status} Interim`];
    for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
    this.res.socket?.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  }

  writeTrailers(headers: readonly string[]): void {
    const pairs: [string, string][] = [];
    for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] as string, headers[i + 1] as string]);
    this.res.addTrailers(pairs);
  }

  async openFile(file: string | number | { readonly fd: number }): Promise<FileSource> {
    if (typeof file === "string") return fileSource(await open(file), true);
    if (typeof file === "number") return fdSource(file);
    return fileSource(file as Awaited<ReturnType<typeof open>>, false);
  }
}

function fileSource(handle: Awaited<ReturnType<typeof open>>, owned: boolean): FileSource {
  return {
    async read(size, position) {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(size), 0, size, position);
      return buffer.subarray(0, bytesRead);
    },
    close: async () => (owned ? handle.close() : undefined),
  };
}

function fdSource(fd: number): FileSource {
  return {
    async read(size, position) {
      const { read } = await import("node:fs");
      const bytes = new Uint8Array(size);
      const length = await new Promise<number>((resolve, reject) => {
        read(fd, bytes, 0, size, position, (error, bytesRead) =>
          error === null ? resolve(bytesRead) : reject(error),
        );
      });
      return bytes.subarray(0, length);
    },
    close: async () => {},
  };
}
