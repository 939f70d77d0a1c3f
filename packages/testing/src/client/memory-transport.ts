// A host without a network: what the exchange orders is kept for a test to read, step by step.
// Source: core's transport contract; ASGI extensions (trailers, informational responses, files).

import {
  ClientDisconnected,
  EMPTY,
  bytesOf,
  reasonOf,
  type Chunk,
  type FileSource,
  type HttpExchange,
  type HttpTransport,
  type LogLevel,
  type ResponseHead,
} from "@tsgi/core";
import { Download, responseCut } from "./download.ts";
import { pairsOf, type TestField } from "./fields.ts";
import { Upload } from "./upload.ts";

/** A head of a response: interim (1xx) or final. */
export interface TestHead {
  readonly status: number;
  /** The app's reason phrase, or the standard one; `""` on HTTP/2. */
  readonly reason: string;
  /** In order; names in lower case. */
  readonly headers: readonly TestField[];
  /** Flat, names in the app's case. */
  readonly rawHeaders: readonly string[];
}

/** A line of the server's log. */
export interface TestLogLine {
  readonly level: LogLevel;
  readonly message: string;
  /** What the app threw; absent for a line that the app wrote itself. */
  readonly error?: unknown;
}

/** How a {@link MemoryTransport} behaves. */
export interface MemoryTransportOptions {
  readonly httpVersion: "1.0" | "1.1" | "2";
  /** From how many unread bytes on the app must wait. */
  readonly highWaterMark: number;
  /** After how many bytes of the request body the client goes away; `Infinity` for never. */
  readonly uploadLimit: number;
  /** After how many bytes of the response body the client goes away; `Infinity` for never. */
  readonly downloadLimit: number;
  readonly openFile?: ((file: string | number | { readonly fd: number }) => Promise<FileSource>) | undefined;
  readonly onInformational?: ((head: TestHead) => void) | undefined;
  readonly log?: ((line: TestLogLine) => void) | undefined;
}

/** The host's side of one request. */
export class MemoryTransport implements HttpTransport {
  readonly upload: Upload;
  readonly download: Download;
  readonly informational: TestHead[] = [];
  readonly lines: TestLogLine[] = [];
  trailers: readonly TestField[] | null = null;
  /** The framing the app asked for; `null` before the final head. */
  responseHead: ResponseHead | null = null;
  head: TestHead | null = null;
  /** Resolves when the app is done with the request. */
  readonly done: Promise<void>;
  readonly openFile?: NonNullable<HttpTransport["openFile"]>;
  readonly #options: MemoryTransportOptions;
  #exchange: HttpExchange | null = null;
  #isGone = false;
  #downloaded = 0;
  #detached!: () => void;
  #waiters: (() => void)[] = [];

  constructor(options: MemoryTransportOptions) {
    this.#options = options;
    this.upload = new Upload(options.uploadLimit, () => this.disconnect());
    this.download = new Download(options.highWaterMark, () => this.#exchange?.drained());
    if (options.openFile !== undefined) this.openFile = options.openFile;
    this.done = new Promise((resolve) => {
      this.#detached = resolve;
    });
  }

  /** The client goes away, as it would by closing its connection. */
  disconnect(): void {
    this.#isGone = true;
    this.download.break(new ClientDisconnected());
    this.upload.close();
    this.#exchange?.connectionLost();
    this.#changed();
  }

  /** Resolves once there are this many interim heads, or the final one, or none can come any more. */
  async until(interim: number): Promise<void> {
    while (this.informational.length < interim && this.head === null && !this.download.cut) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  // ── what the exchange orders ──────────────────────────────────────────────────────────────────────────────────

  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    this.upload.attach(exchange);
    // It went away before the app was called.
    if (this.#isGone) exchange.connectionLost();
  }

  read(): void {
    this.upload.read();
  }

  writeInformational(status: number, headers: readonly string[]): void {
    const head = this.#headOf(status, null, headers);
    this.informational.push(head);
    this.#options.onInformational?.(head);
    this.#changed();
  }

  writeHead(head: ResponseHead): void {
    this.responseHead = head;
    this.head = this.#headOf(head.status, head.reason, head.headers);
    this.#changed();
  }

  write(chunk: Chunk): boolean {
    const bytes = bytesOf(chunk);
    const left = this.#options.downloadLimit - this.#downloaded;
    this.#downloaded += bytes.byteLength;
    if (left > bytes.byteLength) return this.download.push(bytes);
    this.download.push(bytes.subarray(0, left));
    this.disconnect();
    return false;
  }

  writeTrailers(headers: readonly string[]): void {
    this.trailers = pairsOf(headers).map(([name, value]) => [name.toLowerCase(), value]);
  }

  end(chunk: Chunk | null): void {
    const bytes = chunk === null ? EMPTY : bytesOf(chunk);
    const left = this.#options.downloadLimit - this.#downloaded;
    if (left >= bytes.byteLength) {
      this.download.push(bytes);
      this.download.end();
    } else {
      this.download.push(bytes.subarray(0, left));
      this.download.break(new ClientDisconnected());
    }
    this.upload.close();
  }

  abort(): void {
    this.download.break(responseCut());
    this.upload.close();
    this.#changed();
  }

  detach(): void {
    this.upload.close();
    this.#detached();
  }

  log(level: LogLevel, message: string, error?: unknown): void {
    const line = error === undefined ? { level, message } : { level, message, error };
    this.lines.push(line);
    this.#options.log?.(line);
  }

  #headOf(status: number, reason: string | null, flat: readonly string[]): TestHead {
    return {
      status,
      reason: this.#options.httpVersion === "2" ? "" : (reason ?? reasonOf(status)),
      headers: pairsOf(flat).map(([name, value]) => [name.toLowerCase(), value]),
      rawHeaders: [...flat],
    };
  }

  #changed(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
