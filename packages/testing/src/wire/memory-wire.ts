// A wire without a network: the exchanges of the test client, as the conformance suite wants to see them.
// Source: core's transport contract. There are no octets, and no framing of HTTP/1.

import {
  serve,
  type AsgiApp,
  type ClientAddress,
  type Extensions,
  type HttpTransport,
  type LogLevel,
  type ServerAddress,
} from "@tsgi/core";
import { MemoryTransport, type TestHead } from "../client/memory-transport.ts";
import { requestScope } from "../client/request-scope.ts";
import { pairsOf } from "../client/fields.ts";
import {
  WireError,
  type Wire,
  type WireConnection,
  type WireExchange,
  type WireField,
  type WireHead,
  type WireRequest,
} from "./wire.ts";

/** What stands at the other end of a memory wire. */
export interface MemoryWireOptions {
  /** Who answers. */
  readonly app: AsgiApp;
  /** What the client speaks: `scope.http_version`. Default: `"1.1"`. */
  readonly httpVersion?: "1.0" | "1.1" | "2";
  /** How the client reaches the server: `scope.scheme`. Default: `"http"`. */
  readonly scheme?: "http" | "https";
  /** Where the app is mounted: `scope.root_path`. Default: `""`. */
  readonly rootPath?: string;
  /** Makes the state of each request. Default: `null` for all. */
  readonly state?: () => unknown;
  /** Opens the files of pathsend and zerocopysend. Default: none can be opened. */
  readonly openFile?: NonNullable<HttpTransport["openFile"]>;
  /** From how many unread bytes on the app must wait. Default: 65_536 (64 KiB). */
  readonly highWaterMark?: number;
  /** Takes the lines of the server's log. Default: nothing. */
  readonly log?: (level: LogLevel, message: string, error?: unknown) => void;
}

const SERVER: readonly [string, number] = ["127.0.0.1", 80];
/** How many bytes of a request body a connection takes though the app has not asked for them, as a socket does. 64 KiB. */
const TAKEN_UNASKED = 65_536;
const NOTHING: Readonly<Record<string, never>> = Object.freeze({});

/** The wire to an app in memory. */
export function memoryWire(options: MemoryWireOptions): Wire {
  let port = 50_000;
  return {
    httpVersion: options.httpVersion ?? "1.1",
    scheme: options.scheme ?? "http",
    server: SERVER,
    open: () => {
      port += 1;
      return Promise.resolve(new MemoryConnection(options, ["127.0.0.1", port]));
    },
  };
}

class MemoryConnection implements WireConnection {
  readonly octets = null;
  readonly local: readonly [string, number];
  readonly #options: MemoryWireOptions;
  readonly #open = new Set<MemoryTransport>();

  constructor(options: MemoryWireOptions, local: readonly [string, number]) {
    this.#options = options;
    this.local = local;
  }

  request(request: WireRequest): WireExchange {
    const { app, httpVersion = "1.1", highWaterMark = 65_536, openFile, log, state } = this.#options;
    const transport = new MemoryTransport({
      httpVersion,
      highWaterMark,
      uploadLimit: Infinity,
      downloadLimit: Infinity,
      openFile,
      log: ({ level, message, error }) => log?.(level, message, error),
    });
    this.#open.add(transport);
    void transport.done.then(() => this.#open.delete(transport));
    if (request.body === null || request.body === 0) transport.upload.end();
    const headers = [...request.headers, ...framing(request.body, httpVersion)];
    const scope = requestScope(
      { ...request, headers },
      surroundings(this.#options, this.local),
      state?.() ?? null,
    );
    serve(app, scope, transport);
    return new MemoryExchange(transport);
  }

  /** Nothing can follow a response here. */
  finish(): Promise<void> {
    return Promise.resolve();
  }

  reset(): void {
    for (const transport of this.#open) transport.disconnect();
  }
}

class MemoryExchange implements WireExchange {
  readonly #transport: MemoryTransport;
  #headsRead = 0;
  #unasked = 0;

  constructor(transport: MemoryTransport) {
    this.#transport = transport;
  }

  write(piece: Uint8Array): Promise<void> {
    this.#unasked += piece.byteLength;
    const taken = this.#transport.upload.push(piece).then(() => {
      this.#unasked -= piece.byteLength;
    });
    return this.#unasked <= TAKEN_UNASKED ? Promise.resolve() : taken;
  }

  end(): Promise<void> {
    this.#transport.upload.end();
    return Promise.resolve();
  }

  async head(): Promise<WireHead> {
    const transport = this.#transport;
    await transport.until(this.#headsRead + 1);
    const interim = transport.informational[this.#headsRead];
    if (interim !== undefined) {
      this.#headsRead += 1;
      return wireHead(interim, "none");
    }
    const { head, responseHead } = transport;
    if (head === null || responseHead === null) {
      throw new WireError("closed", "The exchange ended before a response began");
    }
    if (responseHead.bodiless) return wireHead(head, "none");
    return wireHead(head, responseHead.length === -1 ? "stream" : "length");
  }

  async read(): Promise<Uint8Array | null> {
    try {
      return await this.#transport.download.take();
    } catch (error) {
      throw new WireError("cut", "The response was cut", { cause: error });
    }
  }

  get trailers(): readonly WireField[] {
    return this.#transport.trailers ?? [];
  }

  reset(): void {
    this.#transport.disconnect();
  }
}

function wireHead({ status, reason, rawHeaders }: TestHead, framed: WireHead["framing"]): WireHead {
  return { status, reason, headers: pairsOf(rawHeaders), framing: framed };
}

function framing(body: WireRequest["body"], httpVersion: string): WireField[] {
  if (body === null || (body === "unknown" && httpVersion === "2")) return [];
  return [body === "unknown" ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(body)]];
}

function surroundings(
  { rootPath = "", scheme = "http", httpVersion = "1.1", openFile }: MemoryWireOptions,
  client: ClientAddress,
): Parameters<typeof requestScope>[1] {
  const server: ServerAddress = SERVER;
  const extensions: Extensions = {
    "http.response.early_hint": NOTHING,
    "http.response.trailers": NOTHING,
    "tsgi.reason": NOTHING,
    "tsgi.informational": NOTHING,
    ...(openFile && { "http.response.pathsend": NOTHING, "http.response.zerocopysend": NOTHING }),
  };
  return { rootPath, client, server, scheme, httpVersion, extensions };
}
