// A transport in memory, for the tests of core: it records what the exchange orders, and reports what a test tells it to.

import { bytesOf } from "./bytes.ts";
import type { Chunk } from "./events.ts";
import type { HttpExchange } from "./exchange.ts";
import type { ResponseHead } from "./response-head.ts";
import type { HttpScopeInit } from "./scope.ts";
import type { FileSource, HttpTransport, LogLevel } from "./transport.ts";

export interface MemoryTransportOptions {
  /** The pieces of the request body, given one for each `read()`; `null` is a lost connection. Default: no body. */
  readonly body?: readonly (string | Uint8Array | null)[];
  /** Whether `write` says that there is no room. Default: `false`. */
  readonly full?: boolean;
  /** Files by path, for `openFile`. Default: none can be opened. */
  readonly files?: Readonly<Record<string, string>>;
}

export class MemoryTransport implements HttpTransport {
  exchange!: HttpExchange;
  state: "idle" | "headed" | "ended" | "aborted" = "idle";
  head: ResponseHead | null = null;
  full: boolean;
  reads = 0;
  readonly pieces: Chunk[] = [];
  readonly errors: unknown[] = [];
  readonly logs: [LogLevel, string][] = [];
  readonly interim: [number, readonly string[]][] = [];
  trailers: readonly string[] | null = null;
  openFiles = 0;
  /** Resolves when the exchange is done with this transport. */
  readonly detached: Promise<void>;
  #detach!: () => void;
  readonly #body: (string | Uint8Array | null)[];
  readonly #bodiless: boolean;
  readonly #files: Readonly<Record<string, string>>;

  constructor({ body, full = false, files = {} }: MemoryTransportOptions = {}) {
    this.#body = [...(body ?? [])];
    this.#bodiless = body === undefined;
    this.#files = files;
    this.full = full;
    this.detached = new Promise((resolve) => {
      this.#detach = resolve;
    });
  }

  attach(exchange: HttpExchange): void {
    this.exchange = exchange;
    if (this.#bodiless) exchange.eofReceived();
  }

  read(): void {
    this.reads += 1;
    queueMicrotask(() => {
      const piece = this.#body.shift();
      if (piece === undefined) this.exchange.eofReceived();
      else if (piece === null) this.exchange.connectionLost();
      else this.exchange.dataReceived(bytesOf(piece));
    });
  }

  writeHead(head: ResponseHead): void {
    this.head = head;
    this.state = "headed";
  }

  write(chunk: Chunk): boolean {
    if (chunk.length > 0) this.pieces.push(chunk);
    return !this.full;
  }

  end(chunk: Chunk | null): void {
    if (chunk !== null) this.pieces.push(chunk);
    this.state = "ended";
  }

  abort(): void {
    this.state = "aborted";
  }

  detach(): void {
    this.#detach();
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    this.logs.push([level, message]);
    if (level === "error") this.errors.push(error);
  }

  writeInformational(status: number, headers: readonly string[]): void {
    this.interim.push([status, headers]);
  }

  writeTrailers(headers: readonly string[]): void {
    this.trailers = headers;
  }

  async openFile(file: string | number | { readonly fd: number }): Promise<FileSource> {
    const content = typeof file === "string" ? this.#files[file] : undefined;
    if (content === undefined) throw new Error("no such file");
    const bytes = bytesOf(content);
    let own = 0;
    this.openFiles += 1;
    return {
      read: async (size, position) => {
        const start = position ?? own;
        const piece = bytes.slice(start, start + size);
        own = start + piece.length;
        return piece;
      },
      close: async () => {
        this.openFiles -= 1;
      },
    };
  }

  /** The fields of the head as pairs. */
  fields(): [string, string][] {
    const pairs: [string, string][] = [];
    const flat = this.head?.headers ?? [];
    for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string]);
    return pairs;
  }

  /** The body so far. */
  bytes(): Uint8Array {
    return Buffer.concat(this.pieces.map(bytesOf));
  }

  text(): string {
    return Buffer.from(this.bytes()).toString("utf8");
  }
}

const NOTHING = Object.freeze({});

/** A scope for tests: GET / with everything offered. */
export function scopeOf(changes: Partial<HttpScopeInit> = {}): HttpScopeInit {
  return {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method: "GET",
    scheme: "http",
    path: "/",
    raw_path: "/",
    query_string: "",
    root_path: "",
    headers: [],
    client: ["127.0.0.1", 50_000],
    server: ["127.0.0.1", 8000],
    state: null,
    extensions: {
      "http.response.early_hint": NOTHING,
      "http.response.trailers": NOTHING,
      "http.response.pathsend": NOTHING,
      "http.response.zerocopysend": NOTHING,
      "tsgi.reason": NOTHING,
      "tsgi.informational": NOTHING,
    },
    rawHeaders: null,
    ...changes,
  };
}

/** Whether a promise has settled by now, once every reaction that is due has run. */
export async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  const mark = (): void => {
    done = true;
  };
  promise.then(mark, mark);
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  return done;
}
