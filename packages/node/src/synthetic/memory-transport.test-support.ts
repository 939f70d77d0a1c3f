// A host in memory, for tests: an HttpTransport whose client is the test.
// Source: packages/core/src/transport.ts.

import {
  keepTarget,
  decodePath,
  splitTarget,
  type Chunk,
  type HttpExchange,
  type HttpScopeInit,
  type HttpTransport,
  type LogLevel,
  type ResponseHead,
} from "@tsgi/core";

/** What a client sends at once; its body may follow piece by piece. */
export interface MemoryRequest {
  readonly method?: string;
  readonly target?: string;
  /** Flat, as on the wire. */
  readonly rawHeaders?: readonly string[];
  /** Whether the scope shows `rawHeaders`: as HTTP/1 hosts do. Default: `true`. */
  readonly showsRawHeaders?: boolean;
  /** Overrides for the scope. */
  readonly scope?: Partial<HttpScopeInit>;
}

const EXTENSIONS = {
  "http.response.early_hint": {},
  "http.response.trailers": {},
  "tsgi.reason": {},
  "tsgi.informational": {},
};

/** A scope as an HTTP/1.1 host makes it. */
export function memoryScope(request: MemoryRequest = {}): HttpScopeInit {
  const { method = "GET", target = "/", rawHeaders = ["Host", "example.test"] } = request;
  const { rawPath, query } = splitTarget(target);
  const headers: [string, string][] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    headers.push([(rawHeaders[i] as string).toLowerCase(), rawHeaders[i + 1] as string]);
  }
  const scope: HttpScopeInit = {
    type: "http",
    asgi: { version: "3.0", spec_version: "2.5" },
    http_version: "1.1",
    method,
    scheme: "http",
    path: decodePath(rawPath),
    raw_path: rawPath,
    query_string: query,
    root_path: "",
    headers,
    client: ["192.0.2.7", 50_000],
    server: ["192.0.2.1", 80],
    state: null,
    extensions: EXTENSIONS,
    rawHeaders: request.showsRawHeaders === false ? null : rawHeaders,
    ...request.scope,
  };
  keepTarget(scope, target);
  return scope;
}

/** A transport that keeps what it is ordered. */
export class MemoryTransport implements HttpTransport {
  head: ResponseHead | null = null;
  readonly chunks: Buffer[] = [];
  readonly interim: [status: number, headers: readonly string[]][] = [];
  trailers: readonly string[] = [];
  ended = false;
  aborted = false;
  detached = false;
  readonly logged: [message: string, error: unknown][] = [];
  /** Whether `write` says that there is room. */
  roomy = true;
  /** The most bytes that were taken without room. */
  taken = 0;
  #exchange: HttpExchange | null = null;
  #pieces: (Uint8Array | null)[] = [];
  #wanted = false;
  readonly #waiting: [condition: () => boolean, resolve: () => void][] = [];

  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    if (this.#pieces[0] === null) exchange.eofReceived();
  }

  read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  writeHead(head: ResponseHead): void {
    this.head = head;
  }

  write(chunk: Chunk): boolean {
    this.#keep(chunk);
    return this.roomy;
  }

  end(chunk: Chunk | null): void {
    if (chunk !== null) this.#keep(chunk);
    this.ended = true;
    this.#changed();
  }

  abort(): void {
    this.aborted = true;
    this.#changed();
  }

  detach(): void {
    this.detached = true;
    this.#changed();
  }

  log(_level: LogLevel, message: string, error?: unknown): void {
    this.logged.push([message, error]);
    this.#changed();
  }

  writeInformational(status: number, headers: readonly string[]): void {
    this.interim.push([status, headers]);
    this.#changed();
  }

  writeTrailers(headers: readonly string[]): void {
    this.trailers = headers;
  }

  // ── the client ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends pieces of the body; `null` ends it. */
  send(...pieces: (string | Uint8Array | null)[]): void {
    for (const piece of pieces) this.#pieces.push(typeof piece === "string" ? Buffer.from(piece) : piece);
    this.#deliver();
  }

  /** Goes away. */
  disconnect(): void {
    this.#exchange?.connectionLost();
  }

  /** Takes all that was written. */
  drain(): void {
    this.roomy = true;
    this.#exchange?.drained();
  }

  /** Whether the client can tell that it has the whole response. */
  get whole(): boolean {
    const { head } = this;
    return this.ended || (head !== null && !head.bodiless && head.length === this.body.length);
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.body.toString();
  }

  /** Resolves when a condition holds; looked at after every order. */
  when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push([condition, resolve]);
      this.#changed();
    });
  }

  /** The app has returned, and the response is complete or cut. */
  get over(): Promise<void> {
    return this.when(() => this.detached);
  }

  #keep(chunk: Chunk): void {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk);
    if (bytes.length > 0) this.chunks.push(bytes);
    if (!this.roomy) this.taken += bytes.length;
    this.#changed();
  }

  #deliver(): void {
    if (!this.#wanted || this.#pieces.length === 0) return;
    const piece = this.#pieces.shift() as Uint8Array | null;
    this.#wanted = false;
    if (piece === null) this.#exchange?.eofReceived();
    else this.#exchange?.dataReceived(piece, false);
  }

  #changed(): void {
    for (let i = this.#waiting.length - 1; i >= 0; i -= 1) {
      const [condition, resolve] = this.#waiting[i] as [() => boolean, () => void];
      if (!condition()) continue;
      this.#waiting.splice(i, 1);
      resolve();
    }
  }
}
